//! What a program promises about the templates of its messages.

use crate::small;
use program::Program;

const MESSAGE: &str = "title: { fr: a, en: a }\nchannel: email\npurpose: market_by_email\nsubject: { fr: a, en: a }\n\
    files: { fr: fr.mjml, en: fr.mjml }\n";
const JOURNEY: &str = "title: { fr: a, en: a }\npurpose: market_by_email\nentry: { event: Cart Filled, key: cart_id }\n\
    steps:\n  - { id: a, message: letter }\n";

/// The faults of a message with this template.
fn faults(template: &str, message: &str) -> Vec<String> {
    let files = small(&[
        ("messages/letter/message.yaml", message),
        ("messages/letter/fr.mjml", template),
        ("journeys/j.yaml", JOURNEY),
    ]);
    match Program::read(files) {
        Ok(_) => Vec::new(),
        Err(faults) => faults
            .iter()
            .filter(|fault| fault.file.starts_with("messages/"))
            .map(ToString::to_string)
            .collect(),
    }
}

#[test]
fn a_fault_of_a_template_has_the_line_and_column_of_its_file() {
    let found = faults("<p>\n  {{ shop.name | upcas }} {% if x\n</p>", MESSAGE);
    assert_eq!(
        found,
        [
            "messages/letter/fr.mjml:2:18: error[template]: there is no filter `upcas`; did you mean `upcase`?",
            "messages/letter/fr.mjml:2:27: error[template]: this tag is not closed; write `%}` at its end",
        ]
    );
    let subject = MESSAGE.replace("{ fr: a, en: a }\nfiles", "{ fr: \"{{ a\", en: a }\nfiles");
    let found = faults("x", &subject);
    assert!(
        found[0].starts_with("messages/letter/message.yaml:4:"),
        "{found:?}"
    );
    let found = faults("<a onclick=\"{{ shop.name }}\">", MESSAGE);
    assert!(
        found[0].contains(":1:16: error[template]: a value inside a script"),
        "{found:?}"
    );
    assert!(faults("{{ shop.name | raw }}", MESSAGE)[0].contains("`raw`"));
}

#[test]
fn what_a_template_reads_of_a_person_must_be_declared_for_the_purpose_of_its_message() {
    assert!(faults("{{ person.country | default: 'x' }}", MESSAGE).is_empty());
    let found = faults("{{ person.contry | default: 'x' }}", MESSAGE);
    assert!(
        found[0].contains(":1:4: error[unknown_name]") && found[0].contains("country"),
        "{found:?}"
    );
    for (source, name) in [
        ("{{ person.birthday }}", "birthday"),
        (
            "{% assign p = person %}{% if p.birthday %}{% endif %}",
            "birthday",
        ),
        ("<a href=\"{{ person.phone }}\">", "phone"),
    ] {
        let found = faults(source, MESSAGE);
        assert!(
            found
                .iter()
                .any(|fault| fault.contains(name) && fault.contains("market_by_email")),
            "{source}: {found:?}"
        );
    }
    let found = faults("{% for x in (1..2) %}{{ person['diet'] }}{% endfor %}", MESSAGE);
    assert!(found[0].contains(":1:25: error[special_category]"), "{found:?}");
    for source in ["{{ person }}", "{{ person[shop.name] }}", "{{ [shop.name] }}"] {
        assert!(
            faults(source, MESSAGE)[0].contains("error[unknown_name]"),
            "{source}"
        );
    }
    let subject = MESSAGE.replace(
        "fr: a, en: a }\nfiles",
        "fr: \"{{ person.phone }}\", en: a }\nfiles",
    );
    let found = faults("x", &subject);
    assert!(
        found[0].contains("message.yaml:4:") && found[0].contains("phone"),
        "{found:?}"
    );
}

#[test]
fn a_template_knows_what_it_is_given_and_nothing_else() {
    let fine = "{{ shop.name }}{{ shop.url }}{{ shop.address }}{{ links.why }}{{ links.change }}{{ links.human }}\
        {{ links.unsubscribe }}{{ message.name }}{{ message.title }}{% if person %}{% endif %}";
    assert_eq!(faults(fine, MESSAGE), [""; 0]);
    for (source, word) in [
        ("{{ links.unsubscrib }}", "unsubscribe"),
        ("{{ first_name }}", "person.first_name"),
        ("{{ shops.name }}", "shop"),
        ("{{ claims.urgency }}", "under `claims`"),
        ("{{ links }}", "all of `links`"),
    ] {
        let found = faults(source, MESSAGE);
        assert!(found.len() == 1 && found[0].contains(word), "{source}: {found:?}");
    }
}

#[test]
fn reads_need_not_be_written_down() {
    let program = |head: &str| {
        let files = small(&[
            ("messages/letter/message.yaml", head),
            (
                "messages/letter/fr.mjml",
                "{{ person.country | default: '' }}{{ person.seen }}",
            ),
            ("journeys/j.yaml", JOURNEY),
        ]);
        let program = Program::read(files).unwrap_or_else(|faults| panic!("{faults}"));
        program.messages.values().next().unwrap().reads.clone()
    };
    assert_eq!(program(MESSAGE), ["country", "seen"]);
    assert_eq!(program(&format!("{MESSAGE}reads: [seen]\n")), ["country", "seen"]);
}
