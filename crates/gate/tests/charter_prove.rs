//! The promises of the charter, proved for every question there is, and careless rules refuted.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use gate::charter::{Charter, Claim, Proof, Trial};
use vocabulary::Language;

fn careless(name: &str) -> Trial {
    let path = format!(
        "{}/../../charter/careless/{name}.cedar",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).unwrap();
    Trial::read(&[(format!("{name}.cedar"), text)]).unwrap()
}

fn refuted(proof: &Proof) -> Vec<&str> {
    let refuted = proof.claims.iter().filter(|claim| claim.refuted.is_some());
    refuted.map(|claim| claim.promise.id().as_str()).collect()
}

fn told(claim: &Claim, language: Language) -> String {
    claim.refuted.as_ref().unwrap().tell(claim, language).join("\n")
}

#[test]
fn the_charter_keeps_every_promise() {
    let charter = Charter::built_in().unwrap();
    let proof = charter.prove().unwrap();
    assert!(proof.holds(), "{:?}", refuted(&proof));
    assert_eq!(proof.claims.len(), 15);
    let (asked, least) = (proof.questions, charter.distinct().count());
    assert!(asked >= least && asked < least * 2, "{asked} {least}");
    for claim in &proof.claims {
        assert!(!claim.promise.law().is_empty());
        for language in [Language::Fr, Language::En] {
            let words = claim.promise.explain(language);
            assert!(words.ends_with('.') && !words.contains('\''), "{words}");
        }
    }
}

#[test]
fn careless_rules_are_refuted_with_a_person_they_would_reach_and_a_careless_permit_opens_nothing() {
    a_channel_that_was_forgotten();
    let permit = careless("permit-for-everything").prove().unwrap();
    assert!(permit.holds(), "{:?}", refuted(&permit));

    let proof = careless("objection-yields").prove().unwrap();
    assert_eq!(
        refuted(&proof),
        [
            "promise/marketing-is-wanted",
            "promise/objection-reaches-its-preparation",
            "promise/forbid-wins",
            "promise/only-narrower"
        ]
    );
    let claim = proof.claims.iter().find(|claim| claim.refuted.is_some()).unwrap();
    assert_eq!(
        told(claim, Language::En),
        "May one of our programs use ordinary data of the person for `market_by_email`?\n\
         The person agreed (ConsentGiven), is of unknown age, is not a customer and objected to direct \
         marketing.\n\
         These rules say yes, by `charter/market-by-email`.\n\
         Promised was: No offer is sent without a consent, or a purchase on record that nothing contradicts, \
         nor against an objection. (ePrivacy art. 13(1)-(2); GDPR art. 6(1)(a), art. 21(2)-(3))"
    );
    assert_eq!(
        told(claim, Language::Fr),
        "Un de nos programmes peut-il se servir de données ordinaires de la personne pour \
         «\u{a0}market_by_email\u{a0}»\u{202f}?\n\
         La personne a accepté (ConsentGiven), a un âge que l’on ne connaît pas, n’est pas cliente et s’est \
         opposée à la prospection.\n\
         Ces règles disent oui, par `charter/market-by-email`.\n\
         Il était promis\u{a0}: Aucune offre n’est envoyée sans accord, ou sans un achat attesté que rien n’a \
         contredit, ni malgré une opposition. (ePrivacy art. 13(1)-(2); GDPR art. 6(1)(a), art. 21(2)-(3))"
    );
}

fn a_channel_that_was_forgotten() {
    let proof = careless("text-messages-forgotten").prove().unwrap();
    let claim = proof.claims.iter().find(|claim| claim.refuted.is_some()).unwrap();
    assert_eq!(claim.promise.id().as_str(), "promise/marketing-is-wanted");
    let words = told(claim, Language::En);
    assert!(
        words.contains("`market_by_sms`") && words.contains("never answered"),
        "{words}"
    );
}

#[test]
fn a_rule_of_a_trial_that_is_no_cedar_is_refused_at_its_line() {
    let read = Trial::read(&[(
        "mine.cedar".to_owned(),
        "\npermit (principal, action);".to_owned(),
    )]);
    let error = read.err().unwrap();
    assert_eq!(
        (error.file.as_str(), error.line),
        ("mine.cedar", Some(2)),
        "{error}"
    );
}

/// Needs cvc5, or a `python3` with the package `cvc5`: whoever builds with the feature wants it asked.
#[cfg(feature = "prove")]
#[tokio::test]
async fn the_solver_agrees_with_the_enumeration() {
    use gate::charter::solver::{Solver, prove, prove_trial};
    let solver = Solver::find(None).await.unwrap();
    let verdicts = prove(&Charter::built_in().unwrap(), &solver).await.unwrap();
    assert_eq!(verdicts.len(), 14);
    for verdict in &verdicts {
        assert!(verdict.refuted.is_empty(), "{verdict:?}");
    }
    let verdicts = prove_trial(&careless("objection-yields"), &solver).await.unwrap();
    let refuted: Vec<(&str, Vec<&str>)> = verdicts
        .iter()
        .filter(|verdict| !verdict.refuted.is_empty())
        .map(|v| {
            let mut purposes: Vec<&str> = v.refuted.iter().map(String::as_str).collect();
            purposes.sort_unstable();
            (v.promise.id().as_str(), purposes)
        })
        .collect();
    let marketing = ["market_by_email", "market_by_push", "market_by_sms"];
    let both = [&marketing[..], &["predict", "segment"][..]].concat();
    assert_eq!(
        refuted,
        [
            ("promise/marketing-is-wanted", marketing.to_vec()),
            (
                "promise/objection-reaches-its-preparation",
                vec!["predict", "segment"]
            ),
            ("promise/forbid-wins", both.clone()),
            ("promise/only-narrower", both),
        ]
    );
}
