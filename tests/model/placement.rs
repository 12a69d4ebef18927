//! Which generations leases and orphans may be of: every choice that differs in more than the numbers.

/// What the ids may be.
pub(crate) struct Ids {
    pub(crate) most_leases: usize,
    pub(crate) most_orphans: usize,
    /// Whether there was a generation at all, and whether it is over.
    pub(crate) current: Current,
    pub(crate) held: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Current {
    None,
    Running,
    Over,
}

pub(crate) struct Placement {
    pub(crate) current: Option<u64>,
    pub(crate) orphans: Vec<u64>,
    /// The generation of each lease, in the order in which they were granted.
    pub(crate) leases: Vec<u64>,
}

/// Generations count from 1 without gaps: those that nobody speaks of any more leave no trace.
pub(crate) fn placements(ids: &Ids) -> Vec<Placement> {
    if ids.current == Current::None {
        return vec![Placement { current: None, orphans: Vec::new(), leases: Vec::new() }];
    }
    let mut found = Vec::new();
    for current in 1..=(ids.most_leases + ids.most_orphans + 1) as u64 {
        for leases in ascending(current, ids.most_leases) {
            let own = leases.iter().filter(|generation| **generation == current).count();
            if ids.held.is_some_and(|held| held != own) {
                continue;
            }
            for orphans in subsets(current, ids) {
                let named = |generation: u64| leases.contains(&generation) || orphans.contains(&generation);
                if (1..current).all(named) {
                    found.push(Placement { current: Some(current), orphans, leases: leases.clone() });
                }
            }
        }
    }
    found
}

/// All ascending lists of at most `longest` numbers from 1 to `to`, with repetition.
fn ascending(to: u64, longest: usize) -> Vec<Vec<u64>> {
    let mut all = vec![Vec::new()];
    let mut last: Vec<Vec<u64>> = all.clone();
    for _ in 0..longest {
        last = last
            .iter()
            .flat_map(|list| {
                let from = list.last().copied().unwrap_or(1);
                (from..=to).map(move |next| list.iter().copied().chain([next]).collect())
            })
            .collect();
        all.extend(last.clone());
    }
    all
}

/// Orphans are older than the current generation, or that one itself if it is over.
fn subsets(current: u64, ids: &Ids) -> Vec<Vec<u64>> {
    let to = if ids.current == Current::Over { current } else { current - 1 };
    let strict = |list: &Vec<u64>| list.windows(2).all(|pair| pair[0] < pair[1]);
    ascending(to, ids.most_orphans).into_iter().filter(strict).collect()
}
