//! The section of an experiment's points.

use std::fmt::{self, Write as _};

use pluriverse_experiment::Analysis;

use super::tables;
use crate::{page::Section, quantity::whole};

pub(super) fn section(analysis: &Analysis) -> Result<Option<Section>, fmt::Error> {
    if analysis.points.is_empty() {
        return Ok(None);
    }
    let table = tables::points(analysis);
    let left_out = analysis.points.len() - table.rows.len();
    let mut body = String::new();
    table.write(&mut body)?;
    if left_out > 0 {
        write!(
            body,
            r#"<p class="note">{} more points are not shown: see `--results` and `--format json`.</p>"#,
            whole(left_out as u64)
        )?;
    }
    Ok(Some(Section {
        id: "points",
        title: "Points",
        about: format!(
            "Means with {} % intervals over the replications.",
            100.0 * analysis.confidence
        ),
        body,
    }))
}
