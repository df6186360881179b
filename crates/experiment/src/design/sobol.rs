//! The Sobol sequence: points that fill the unit cube evenly, however many are taken.
//!
//! Point n is the exclusive or of the direction numbers of the bits of n's Gray code, so that each point is found by its
//! number alone. Direction numbers are data, published with the construction.

/// Dimensions that there are direction numbers for.
pub const SOBOL_DIMENSIONS: usize = 32;
/// Bits of a coordinate: more points than that can tell apart are not asked for.
const BITS: usize = 32;

/// Degree of a primitive polynomial, its inner coefficients in binary, and the first direction numbers.
type Direction = (usize, u32, &'static [u32]);

/// Source: Joe and Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM Journal on Scientific
/// Computing 30 (2008); the file `new-joe-kuo-6.21201`, dimensions 2 to 32.
const DIRECTIONS: [Direction; SOBOL_DIMENSIONS - 1] = [
    (1, 0, &[1]),
    (2, 1, &[1, 3]),
    (3, 1, &[1, 3, 1]),
    (3, 2, &[1, 1, 1]),
    (4, 1, &[1, 1, 3, 3]),
    (4, 4, &[1, 3, 5, 13]),
    (5, 2, &[1, 1, 5, 5, 17]),
    (5, 4, &[1, 1, 5, 5, 5]),
    (5, 7, &[1, 1, 7, 11, 19]),
    (5, 11, &[1, 1, 5, 1, 1]),
    (5, 13, &[1, 1, 1, 3, 11]),
    (5, 14, &[1, 3, 5, 5, 31]),
    (6, 1, &[1, 3, 3, 9, 7, 49]),
    (6, 13, &[1, 1, 1, 15, 21, 21]),
    (6, 16, &[1, 3, 1, 13, 27, 49]),
    (6, 19, &[1, 1, 1, 15, 7, 5]),
    (6, 22, &[1, 3, 1, 15, 13, 25]),
    (6, 25, &[1, 1, 5, 5, 19, 61]),
    (7, 1, &[1, 3, 7, 11, 23, 15, 103]),
    (7, 4, &[1, 3, 7, 13, 13, 15, 69]),
    (7, 7, &[1, 1, 3, 13, 7, 35, 63]),
    (7, 8, &[1, 3, 5, 9, 1, 25, 53]),
    (7, 14, &[1, 3, 1, 13, 9, 35, 107]),
    (7, 19, &[1, 3, 1, 5, 27, 61, 31]),
    (7, 21, &[1, 1, 5, 11, 19, 41, 61]),
    (7, 28, &[1, 3, 5, 3, 3, 13, 69]),
    (7, 31, &[1, 1, 7, 13, 1, 19, 1]),
    (7, 32, &[1, 3, 7, 5, 13, 19, 59]),
    (7, 37, &[1, 1, 3, 9, 25, 29, 41]),
    (7, 41, &[1, 3, 5, 13, 23, 1, 55]),
    (7, 42, &[1, 3, 7, 3, 13, 59, 17]),
];

/// The point of this number, from 0 (the origin), in [0, 1) in each of `dimensions`.
///
/// In the order of Antonov and Saleev (Gray codes). Sources: Sobol (1967); Bratley and Fox, "Algorithm 659", ACM TOMS 14
/// (1988); direction numbers by Joe and Kuo (2008).
///
/// # Panics
/// When there are more dimensions than direction numbers, or `index` is 2³² or more.
#[must_use]
pub fn sobol_point(index: u64, dimensions: usize) -> Vec<f64> {
    assert!(
        dimensions <= SOBOL_DIMENSIONS,
        "there are direction numbers for {SOBOL_DIMENSIONS} dimensions, not for {dimensions}"
    );
    assert!(index >> BITS == 0, "point {index} is beyond the sequence");
    let gray = index ^ (index >> 1);
    (0..dimensions)
        .map(|dimension| {
            let numbers = direction_numbers(dimension);
            let bits = numbers.iter().enumerate();
            let bits = bits.filter(|(bit, _)| gray >> bit & 1 == 1);
            let word = bits.fold(0, |word, (_, number)| word ^ number);
            f64::from(word) / 4_294_967_296.0
        })
        .collect()
}

/// Direction numbers as binary fractions of 32 bits.
fn direction_numbers(dimension: usize) -> [u32; BITS] {
    let mut numbers = [0; BITS];
    let Some((degree, coefficients, first)) = dimension
        .checked_sub(1)
        .map(|dimension| DIRECTIONS[dimension])
    else {
        // The first dimension is van der Corput's sequence.
        for (bit, number) in numbers.iter_mut().enumerate() {
            *number = 1 << (BITS - 1 - bit);
        }
        return numbers;
    };
    for bit in 0..BITS {
        numbers[bit] = if bit < degree {
            first[bit] << (BITS - 1 - bit)
        } else {
            let mut number = numbers[bit - degree] ^ (numbers[bit - degree] >> degree);
            for term in 1..degree {
                if coefficients >> (degree - 1 - term) & 1 == 1 {
                    number ^= numbers[bit - term];
                }
            }
            number
        };
    }
    numbers
}
