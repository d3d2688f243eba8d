//! Groups of points that are near each other: k-means (Lloyd 1982), begun far apart (k-means++, Arthur and
//! Vassilvitskii 2007), and how well groups are apart (silhouette, Rousseeuw 1987).
//!
//! Deliberately does not know: what the points are.

use crate::consents::scramble;

const ITERATIONS: usize = 50;

/// The group of each point, `groups` of them at most.
pub fn nearest(points: &[Vec<f64>], groups: usize, seed: u64) -> Vec<u32> {
    let centres = centres(points, groups, seed);
    points.iter().map(|point| closest(point, &centres).0).collect()
}

/// The middle of each group.
pub fn centres(points: &[Vec<f64>], groups: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut centres = apart(points, groups, seed);
    let mut before: Vec<u32> = Vec::new();
    for _ in 0..ITERATIONS {
        let of_points: Vec<u32> = points.iter().map(|point| closest(point, &centres).0).collect();
        if of_points == before {
            break;
        }
        for (group, centre) in (0u32..).zip(&mut centres) {
            let members: Vec<&Vec<f64>> = points
                .iter()
                .zip(&of_points)
                .filter(|(_, of)| **of == group)
                .map(|(point, _)| point)
                .collect();
            if members.is_empty() {
                continue;
            }
            let number = members.len() as f64;
            for (axis, place) in centre.iter_mut().enumerate() {
                let sum: f64 = members.iter().filter_map(|point| point.get(axis)).sum();
                *place = sum / number;
            }
        }
        before = of_points;
    }
    centres
}

/// The closest centre, and the square of its distance.
pub fn closest(point: &[f64], centres: &[Vec<f64>]) -> (u32, f64) {
    let mut found = (0, f64::INFINITY);
    for (group, centre) in (0u32..).zip(centres) {
        let distance = square(point, centre);
        if distance < found.1 {
            found = (group, distance);
        }
    }
    found
}

/// How well groups are apart, -1 to 1: the mean over points of `(b − a) / max(a, b)`, with `a` the mean distance to
/// the own group and `b` that to the next one (Rousseeuw 1987). Of many points every so many-th is asked.
pub fn silhouette(points: &[Vec<f64>], centres: &[Vec<f64>]) -> f64 {
    let every = points.len().div_ceil(MOST_POINTS).max(1);
    let asked: Vec<(&Vec<f64>, u32)> = points
        .iter()
        .step_by(every)
        .map(|point| (point, closest(point, centres).0))
        .collect();
    let each = asked.iter().enumerate().map(|(nth, (point, own))| {
        let mut sums = vec![(0.0f64, 0.0f64); centres.len()];
        for (other, (place, group)) in asked.iter().enumerate() {
            if let Some((sum, number)) = sums.get_mut(*group as usize).filter(|_| other != nth) {
                *sum += square(point, place).sqrt();
                *number += 1.0;
            }
        }
        let mean = |group: usize| match sums.get(group) {
            Some((sum, number)) if *number > 0.0 => Some(sum / number),
            _ => None,
        };
        let others = (0..centres.len())
            .filter(|group| *group != *own as usize)
            .filter_map(mean);
        let next = others.fold(f64::INFINITY, f64::min);
        match mean(*own as usize) {
            Some(own) if next.is_finite() => (next - own) / next.max(own).max(1e-12),
            // Alone in its group: neither well nor badly placed.
            _ => 0.0,
        }
    });
    each.sum::<f64>() / asked.len().max(1) as f64
}

/// More points tell a silhouette no better.
const MOST_POINTS: usize = 600;

fn square(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum()
}

/// First centres: each next one drawn with chances that go with the squared distance from those before.
fn apart(points: &[Vec<f64>], groups: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut centres: Vec<Vec<f64>> = Vec::new();
    for nth in 0..groups {
        let distances: Vec<f64> = points
            .iter()
            .map(|point| match centres.is_empty() {
                true => 1.0,
                false => closest(point, &centres).1,
            })
            .collect();
        let all: f64 = distances.iter().sum();
        let draw = (scramble(seed ^ scramble(nth as u64)) >> 11) as f64 / (1u64 << 53) as f64;
        let mut left = draw * all;
        let chosen = distances.iter().position(|distance| {
            left -= distance;
            left < 0.0
        });
        match chosen.and_then(|at| points.get(at)) {
            Some(point) if all > 0.0 => centres.push(point.clone()),
            _ => break,
        }
    }
    centres
}
