//! SVG path data, in as few characters as a report with thousands of points needs.
//!
//! Points are absolute going in and relative coming out; whole units in between, so nothing drifts.

use std::fmt::Write as _;

/// Path data under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    data: String,
    at: (i32, i32),
    is_in_line: bool,
}

impl Path {
    /// Starts a new stroke at a point.
    pub(crate) fn start(&mut self, x: i32, y: i32) {
        let _ = write!(self.data, "M{x} {y}");
        self.at = (x, y);
        self.is_in_line = false;
    }

    /// Draws on to a point.
    pub(crate) fn line_to(&mut self, x: i32, y: i32) {
        let (across, down) = (x - self.at.0, y - self.at.1);
        if !self.is_in_line {
            self.data.push('l');
        } else if across >= 0 {
            self.data.push(' ');
        }
        let gap = if down < 0 { "" } else { " " };
        let _ = write!(self.data, "{across}{gap}{down}");
        self.at = (x, y);
        self.is_in_line = true;
    }

    /// Draws a stroke of no length, which round ends turn into a dot.
    pub(crate) fn dot(&mut self, x: i32, y: i32) {
        self.start(x, y);
        self.data.push_str("h0");
    }

    /// Goes back to where the stroke started.
    pub(crate) fn close(&mut self) {
        self.data.push('Z');
        self.is_in_line = false;
    }

    /// The data.
    pub(crate) fn into_data(self) -> String {
        self.data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_become_steps() {
        let mut path = Path::default();
        path.start(10, 20);
        path.line_to(20, 15);
        path.line_to(30, 15);
        path.line_to(25, -15);
        path.close();
        path.dot(1, 2);
        path.start(0, 0);
        path.line_to(1, 1);
        assert_eq!(path.into_data(), "M10 20l10-5 10 0-5-30ZM1 2h0M0 0l1 1");
    }
}
