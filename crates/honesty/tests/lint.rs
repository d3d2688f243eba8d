//! What the lint finds, where, and what it leaves alone.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use honesty::{Bound, Head, Kind, Part, Rule, Severity, Source, lint, read};
use vocabulary::{Channel, Language};

fn rules(
    language: Language,
    marketing: bool,
    bound: &[Bound],
    subject: &str,
    body: &str,
) -> Vec<&'static str> {
    let head = Head {
        language,
        channel: Channel::Email,
        marketing,
        bound: bound.to_vec(),
    };
    let source = if body.contains('<') {
        Source::Markup(body)
    } else {
        Source::Plain(body)
    };
    let found = lint(&read(&head, Some(subject), source));
    found.into_iter().map(|finding| finding.rule.id()).collect()
}

fn fr(body: &str) -> Vec<&'static str> {
    rules(Language::Fr, true, &[], "Bonjour", body)
}

fn en(body: &str) -> Vec<&'static str> {
    rules(Language::En, true, &[], "Hello", body)
}

#[test]
fn places_are_those_of_the_file_through_tags_entities_and_values() {
    let body = "<mj-text>Bonjour {{ person.first_name }},</mj-text>\n<mj-text>C’est la&nbsp;  <b>Derni&egrave;re</b> chance\u{202f}!</mj-text>";
    let head = Head {
        language: Language::Fr,
        channel: Channel::Email,
        marketing: true,
        bound: Vec::new(),
    };
    let found = lint(&read(&head, None, Source::Markup(body)));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].rule, Rule::Urgency);
    assert_eq!(found[0].place.part, Part::Body);
    assert!(body[found[0].place.byte..].starts_with("Derni"));
    assert_eq!(found[0].place.line_and_column(body), (2, 29));
    assert_eq!(found[0].words, "Dernière chance");
}

#[test]
fn claims_are_found_in_both_languages() {
    assert_eq!(
        en("Hurry: 20\u{a0}% off, almost sold out, a bestseller"),
        ["urgency", "discount", "scarcity", "social_proof"]
    );
    assert!(en("Churrying on with nos soldatesques. There is no hurr y, nothing on salespeople.").is_empty());
    assert!(fr("Rien ne presse.").is_empty());
}

#[test]
fn negations_mentions_and_honest_uses_are_left_alone() {
    for honest in [
        "Répondez quand vous voulez, sans urgence.",
        "Il n’y a pas d’urgence.",
        "Ce n’est pas une dernière chance.",
        "Vous ne lirez jamais ici « dernière chance ».",
        "Voici la dernière lettre de l’année.",
    ] {
        assert_eq!(fr(honest), [] as [&str; 0], "{honest}");
    }
    for honest in [
        "No rush.",
        "There is no hurry at all.",
        "We never write “last chance”.",
        "This is our last letter of the year.",
        "It is not a limited time offer.",
    ] {
        assert_eq!(en(honest), [] as [&str; 0], "{honest}");
    }
}

#[test]
fn a_bound_claim_must_stand_in_its_block_or_stop_the_message() {
    let bound = [Bound {
        kind: Kind::Urgency,
        stops: false,
    }];
    let stops = [Bound {
        kind: Kind::Urgency,
        stops: true,
    }];
    let bare = "Ends tonight.";
    let guarded = "{% if claims.urgency %}Ends tonight, {{ claims.urgency }}.{% else %}Open.{% endif %}";
    let other = "{% if claims.urgency %}Open{% else %}Ends tonight.{% endif %}";
    let either = "{% if claims.urgency or person.vip %}Ends tonight.{% endif %}";
    for (bound, body, wanted) in [
        (&[][..], bare, &["urgency"][..]),
        (&bound, bare, &["unguarded_claim"]),
        (&bound, guarded, &[]),
        (&bound, other, &["unguarded_claim"]),
        (&bound, either, &["unguarded_claim"]),
        (&stops, bare, &[]),
    ] {
        assert_eq!(rules(Language::En, true, bound, "Hello", body), wanted, "{body}");
    }
}

#[test]
fn what_may_be_dark_is_a_remark_and_what_is_certain_stops() {
    let severities = |language, body: &str| {
        let head = Head {
            language,
            channel: Channel::Email,
            marketing: true,
            bound: Vec::new(),
        };
        let found = lint(&read(&head, Some("Hello"), Source::Plain(body)));
        found
            .into_iter()
            .map(|finding| (finding.rule, finding.severity()))
            .collect::<Vec<_>>()
    };
    for (language, certain) in [
        (Language::Fr, "C’est la dernière chance !"),
        (Language::En, "This is your last chance!"),
    ] {
        let found = severities(language, certain);
        assert!(found.contains(&(Rule::Urgency, Severity::Blocks)), "{found:?}");
    }
    for (language, doubtful) in [
        (
            Language::Fr,
            "Gratuit pour une personne, 6 € par mois et par personne ensuite. Pas de carte pour commencer, pas de période cachée, pas d’appel d’un commercial. L’équipe",
        ),
        (
            Language::En,
            "She signed forty and a dozen remain on the counter. Unsigned copies never run out. The bookshop",
        ),
    ] {
        let found = severities(language, doubtful);
        assert!(
            found.iter().all(|(_, severity)| *severity == Severity::Advises),
            "{found:?}"
        );
        assert!(!found.is_empty(), "{doubtful}");
    }
}

#[test]
fn choices_are_judged_by_their_form() {
    assert_eq!(
        en("<p>News</p><input type=\"checkbox\" checked> Send me offers"),
        ["preticked"]
    );
    assert!(en("<p>News</p><input type=\"checkbox\"> Send me offers").is_empty());
    assert_eq!(
        en(
            "<a class=\"button\" href=\"/y\">Yes, subscribe</a> <a href=\"/n\" style=\"font-size:9px;color:#ccc\">No, thanks</a>"
        ),
        ["hidden_choice"]
    );
    assert_eq!(
        en("<a class=\"button\" href=\"/y\">Yes, subscribe</a> <a href=\"/n\">No, thanks</a>"),
        ["hidden_choice"]
    );
    assert!(en("<a class=\"button\" href=\"/y\">Yes, subscribe</a> <a class=\"button\" href=\"/n\">No, thanks</a>").is_empty());
    assert_eq!(en("<a href=\"/y\">I accept</a>"), ["hidden_choice"]);
    assert_eq!(
        en("<a href=\"/n\">No thanks, I enjoy being ripped off</a>"),
        ["confirmshaming"]
    );
    assert!(en("<a href=\"/n\">No thanks, I do not want to receive this</a>").is_empty());
    assert_eq!(
        en("<img src=\"https://x.example/countdown.gif?for=1\" alt=\"\">"),
        ["personal_countdown"]
    );
}

#[test]
fn a_service_may_say_that_an_account_is_closed_and_advertising_may_not_feign_it() {
    let body = "Your account will be closed on 3 May.";
    assert!(rules(Language::En, false, &[], "Your account", body).is_empty());
    assert_eq!(
        rules(Language::En, true, &[], "Your account", body),
        ["fake_notice"]
    );
    assert_eq!(
        rules(Language::En, true, &[], "RE: your order", "Hello"),
        ["fake_reply"]
    );
}

#[test]
fn comments_and_styles_are_not_read_and_broken_files_do_not_stop_it() {
    assert!(
        en("<style>hurry</style><!-- hurry -->{% comment %}hurry{% endcomment %}<p>Hello</p>").is_empty()
    );
    for broken in [
        "<",
        "<a",
        "{{",
        "{% if",
        "{% endif %}</p>",
        "&",
        "&;",
        "<p title='",
        "[",
        "\u{fffc}",
    ] {
        let _ = en(broken);
        let _ = fr(broken);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_and_places_are_in_it(body in "[a-zé<>{}%&; \n\"'=/!?\\[\\]]{0,80}(hurry)?[a-z<>{}% ]{0,20}") {
        for language in [Language::Fr, Language::En] {
            let head = Head { language, channel: Channel::Email, marketing: true, bound: Vec::new() };
            for source in [Source::Markup(&body), Source::Plain(&body)] {
                for finding in lint(&read(&head, Some(&body), source)) {
                    proptest::prop_assert!(finding.place.byte < body.len());
                    proptest::prop_assert!(body.is_char_boundary(finding.place.byte));
                }
            }
        }
    }
}
