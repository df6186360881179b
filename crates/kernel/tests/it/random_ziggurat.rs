//! The ziggurat tables, computed again from their formula; `UPDATE_EXPECT=1` writes them.

use std::fmt::Write as _;

use expect_test::expect_file;

const LAYERS: usize = 256;

/// One falling density on [0, ∞), not normalised, with density 1 at zero.
struct Density {
    at: fn(f64) -> f64,
    inverse: fn(f64) -> f64,
    /// Area beyond a point.
    tail: fn(f64) -> f64,
    /// Bracket of the edge of the base.
    bracket: (f64, f64),
}

const EXPONENTIAL: Density = Density {
    at: |x| libm::exp(-x),
    inverse: |y| -libm::log(y),
    tail: |x| libm::exp(-x),
    bracket: (7.0, 8.0),
};

const NORMAL: Density = Density {
    at: |x| libm::exp(-0.5 * x * x),
    inverse: |y| libm::sqrt(-2.0 * libm::log(y)),
    tail: |x| libm::sqrt(std::f64::consts::FRAC_PI_2) * libm::erfc(x / std::f64::consts::SQRT_2),
    bracket: (3.0, 4.0),
};

impl Density {
    /// Area of each layer when the base ends at `edge`.
    fn area(&self, edge: f64) -> f64 {
        edge * (self.at)(edge) + (self.tail)(edge)
    }

    /// x₀ … x₂₅₆: x₁ is the edge of the base, x₀ = v / f(x₁), f(xᵢ₊₁) = f(xᵢ) + v / xᵢ, and x₂₅₆ = 0.
    /// `None` when the layers reach the top too early.
    fn edges(&self, edge: f64) -> Option<Vec<f64>> {
        let area = self.area(edge);
        let mut edges = vec![area / (self.at)(edge), edge];
        while edges.len() < LAYERS {
            let last = edges[edges.len() - 1];
            let height = (self.at)(last) + area / last;
            if height >= 1.0 {
                return None;
            }
            edges.push((self.inverse)(height));
        }
        edges.push(0.0);
        Some(edges)
    }

    /// How far the last layer is from having the common area; falls as the edge grows.
    fn excess(&self, edge: f64) -> f64 {
        self.edges(edge).map_or(f64::INFINITY, |edges| {
            let last = edges[LAYERS - 1];
            self.area(edge) - last * (1.0 - (self.at)(last))
        })
    }

    /// The edge of the base that closes the ziggurat, by bisection down to neighbouring floats.
    fn base_edge(&self) -> f64 {
        let (mut low, mut high) = self.bracket;
        loop {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                return high;
            }
            if self.excess(middle) > 0.0 {
                low = middle
            } else {
                high = middle
            }
        }
    }
}

fn table(name: &str, what: &str, values: &[f64]) -> String {
    let mut text = format!(
        "\n/// {what}\n#[rustfmt::skip]\npub(super) static {name}: [f64; 257] = floats([\n"
    );
    for row in values.chunks(4) {
        let cells: Vec<String> = row
            .iter()
            .map(|value| {
                let bits = value.to_bits();
                format!(
                    "0x{:04x}_{:04x}_{:04x}_{:04x}",
                    bits >> 48,
                    bits >> 32 & 0xffff,
                    bits >> 16 & 0xffff,
                    bits & 0xffff
                )
            })
            .collect();
        writeln!(text, "    {},", cells.join(", ")).unwrap();
    }
    text + "]);\n"
}

#[test]
fn ziggurat_tables_follow_from_the_formula() {
    let mut text = String::from(
        "//! Tables of the ziggurats, as the bits of doubles. Generated: `UPDATE_EXPECT=1 cargo test -p\n\
         //! pluriverse-kernel ziggurat` solves for the base edge through `libm` and writes this file.\n\
         //!\n\
         //! With f the density scaled to f(0) = 1 and v the common area: x₁ closes the ziggurat,\n\
         //! v = x₁f(x₁) + ∫f beyond x₁, x₀ = v / f(x₁), f(xᵢ₊₁) = f(xᵢ) + v / xᵢ, x₂₅₆ = 0.\n\n\
         const fn floats(bits: [u64; 257]) -> [f64; 257] {\n    \
             let mut values = [0.0; 257];\n    \
             let mut index = 0;\n    \
             while index < 257 {\n        \
                 values[index] = f64::from_bits(bits[index]);\n        \
                 index += 1;\n    \
             }\n    \
             values\n\
         }\n",
    );
    for (name, density, formula) in [
        ("EXPONENTIAL", EXPONENTIAL, "exp(−x)"),
        ("NORMAL", NORMAL, "exp(−x²/2)"),
    ] {
        let edges = density.edges(density.base_edge()).unwrap();
        let heights: Vec<f64> = edges.iter().map(|&x| (density.at)(x)).collect();
        text += &table(
            &format!("{name}_EDGES"),
            &format!("Right edges under {formula}."),
            &edges,
        );
        text += &table(
            &format!("{name}_HEIGHTS"),
            &format!("{formula} at the edges."),
            &heights,
        );
    }
    expect_file!["../../src/random/ziggurat/tables.rs"].assert_eq(&text);
}

#[test]
fn ziggurat_layers_have_one_area() {
    for (density, published) in [
        (EXPONENTIAL, 7.697_117_470_131_05),
        (NORMAL, 3.654_152_885_361_009),
    ] {
        let edge = density.base_edge();
        assert!(
            (edge - published).abs() < 1e-12,
            "{edge} against {published}"
        );
        let area = density.area(edge);
        let edges = density.edges(edge).unwrap();
        for layer in 1..LAYERS {
            let height = (density.at)(edges[layer + 1]) - (density.at)(edges[layer]);
            assert!(
                (edges[layer] * height / area - 1.0).abs() < 1e-10,
                "layer {layer}"
            );
        }
    }
}
