//! Columns of text, each as wide as its widest cell.

/// A table with a heading.
pub(super) struct Grid {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    /// A table whose first columns have these headings.
    pub(super) fn new(heads: impl IntoIterator<Item = String>) -> Self {
        Self {
            heads: heads.into_iter().collect(),
            rows: Vec::new(),
        }
    }

    /// More columns.
    pub(super) fn head(&mut self, heads: impl IntoIterator<Item = String>) {
        self.heads.extend(heads);
    }

    /// A row, a cell for each column.
    pub(super) fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.heads.len(), "a cell for each column");
        self.rows.push(cells);
    }

    /// Writes the table; lines that are longer than the terminal are cut.
    pub(super) fn write(&self, text: &mut String, columns: Option<usize>) {
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| &row[column]);
            let cells = cells.chain([&self.heads[column]]);
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.heads.len()).map(width).collect();
        for row in std::iter::once(&self.heads).chain(&self.rows) {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str("  ");
                line.push_str(&" ".repeat(width - cell.chars().count()));
                line.push_str(cell);
            }
            let shown = match columns {
                Some(columns) if line.chars().count() > columns => {
                    let kept: String = line.chars().take(columns.saturating_sub(1)).collect();
                    format!("{kept}…")
                }
                _ => line,
            };
            text.push_str(shown.trim_end());
            text.push('\n');
        }
    }
}
