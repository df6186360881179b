//! "Did you mean": which known name a mistyped one most likely stands for.

/// The known name nearest to `name`, when it is near enough to be meant.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // Long hostile names would make the distance cost their length squared.
    if name.chars().count() > 64 {
        return None;
    }
    let folded = name.to_lowercase().replace('-', "_");
    let scored = known.map(|candidate| {
        let other = candidate.to_lowercase().replace('-', "_");
        let distance = strsim::damerau_levenshtein(&folded, &other);
        (distance, strsim::jaro_winkler(&folded, &other), candidate)
    });
    let (distance, similarity, candidate) =
        scored.min_by(|left, right| left.0.cmp(&right.0).then(right.1.total_cmp(&left.1)))?;
    let longest = name.chars().count().max(candidate.chars().count());
    (distance <= longest / 3 || (distance <= 1 && longest > 1) || similarity > 0.9)
        .then_some(candidate)
}

/// "did you mean …" for a mistyped name, else the names there are; empty when there are none.
pub fn did_you_mean<'n>(name: &str, known: impl Iterator<Item = &'n str> + Clone) -> String {
    if let Some(near) = nearest(name, known.clone()) {
        return format!("did you mean `{near}`?");
    }
    match known.clone().count() {
        0 => String::new(),
        1 => format!("there is only {}", listed(known, "and")),
        _ => format!("there are {}", listed(known, "and")),
    }
}

/// Names for a message, as in "`a`, `b` or `c`"; cut off when there are many.
pub fn listed<'n>(names: impl Iterator<Item = &'n str> + Clone, conjunction: &str) -> String {
    const SHOWN: usize = 12;
    let count = names.clone().count();
    let mut text = String::new();
    for (index, name) in names.take(SHOWN).enumerate() {
        if index > 0 && index + 1 == count {
            text.push_str(&format!(" {conjunction} "));
        } else if index > 0 {
            text.push_str(", ");
        }
        text.push_str(&format!("`{name}`"));
    }
    if count > SHOWN {
        text.push_str(&format!(" and {} more", count - SHOWN));
    }
    text
}
