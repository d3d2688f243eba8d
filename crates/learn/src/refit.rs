//! The weights of each item's chosen neighbours: one small ridge regression per item.
//!
//! Cutting a dense solution down to its greatest entries loses what the others carried; solving again
//! on the chosen support gets most of it back (Steck, "Markov Random Fields for Collaborative
//! Filtering", NeurIPS 2019). For target j with neighbours S: `w = (G_SS + λI)⁻¹ G_Sj`.

use crate::Error;
use crate::small::System;
use crate::solve::Gram;
use rayon::prelude::*;

/// Per target, (source, weight), in the order of the support.
pub(crate) fn refit(gram: &Gram<'_>, support: &[Vec<u32>]) -> Result<Vec<Vec<(u32, f32)>>, Error> {
    let targets = support.par_iter().enumerate();
    let columns = targets.map_init(System::default, |system, (target, sources)| {
        system.clear();
        for (nth, a) in sources.iter().enumerate() {
            let others = sources.iter().take(nth + 1);
            let row = others.map(|b| gram.entry(*a as usize, *b as usize));
            system.push(row, gram.entry(*a as usize, target));
        }
        weights(system, sources, gram.ridge)
    });
    columns.collect()
}

/// The solution of a target's system, by source.
pub(crate) fn weights(system: &mut System, sources: &[u32], ridge: f64) -> Result<Vec<(u32, f32)>, Error> {
    let solved = system.solve().ok_or(Error::NotPositive { ridge })?;
    let weights = solved.iter().map(|weight| *weight as f32);
    Ok(sources.iter().copied().zip(weights).collect())
}
