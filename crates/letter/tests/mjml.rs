//! Templates: the Liquid of the source is the Liquid of the HTML.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use letter::mjml::{Fault, Limits, compile};
use proptest::prelude::*;

fn html(source: &str) -> String {
    match compile(source, &Limits::default()) {
        Ok(compiled) => compiled.html,
        Err(faults) => panic!("{faults:?}\n{source}"),
    }
}

fn faults(source: &str) -> Vec<Fault> {
    compile(source, &Limits::default()).unwrap_err()
}

fn body(inside: &str) -> String {
    format!("<mjml><mj-body><mj-section><mj-column>{inside}</mj-column></mj-section></mj-body></mjml>")
}

#[test]
fn liquid_comes_through_byte_for_byte_wherever_it_stands() {
    for liquid in [
        "{{ person.first_name | default: \"ami\" }}",
        "{% if person.orders < 3 and person.age >= 18 %}few{% elsif a <> b %}x{% else %}many{% endif %}",
        "<a {% if a %}href=\"{{ x }}\"{% else %}href='{{ y | replace: '<', \"&lt;\" }}'{% endif %}>go</a>",
        "<br>&nbsp;&amp; {{${first_name}}} <td>{% for i in (1..3) %}<li>{{ i }}{% endfor %}",
        "{%- comment -%} </b> <b {%- endcomment -%} after",
        "{% raw %}{{ not }}{% endraw %}  two  spaces\n\tand a tab ",
        "{{ \"</mj-text>\" }}",
    ] {
        for element in ["mj-text", "mj-raw", "mj-table", "mj-button"] {
            let liquid = liquid.replace("mj-text", element);
            let html = html(&body(&format!("<{element}>{liquid}</{element}>")));
            assert_eq!(
                html.matches(liquid.as_str()).count(),
                1,
                "{element}: {liquid}\n{html}"
            );
        }
    }
}

#[test]
fn liquid_in_attributes_comes_through() {
    let source = body(
        "<mj-button href=\"{{ links.why | append: '?a=1&b=2' }}\" background-color=\"{{ shop.color }}\">Go</mj-button>\
         <mj-image src='{{ item.picture | default: \"https://shop.example/a.png\" }}' alt=\"{% if a < b %}x{% endif %}\" />",
    );
    let html = html(&source);
    for whole in [
        "href=\"{{ links.why | append: '?a=1&b=2' }}\"",
        "{{ shop.color }}",
        "{{ item.picture | default: \"https://shop.example/a.png\" }}",
        "{% if a < b %}x{% endif %}",
    ] {
        assert!(html.contains(whole), "{whole}\n{html}");
    }
}

#[test]
fn loops_around_elements_stand_in_mj_raw_and_keep_their_order() {
    let source = "<mjml><mj-head><mj-title>{{ message.title }}</mj-title><mj-preview>{{ p }}</mj-preview>\
        <mj-style>.a { color: {{ c }} }</mj-style></mj-head><mj-body>\
        <mj-raw>{% for item in items %}</mj-raw>\
        <mj-section><mj-column><mj-text>{{ item.name }}</mj-text></mj-column></mj-section>\
        <mj-raw>{% endfor %}</mj-raw></mj-body></mjml>";
    let html = html(source);
    let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text}\n{html}"));
    assert!(at("{% for item in items %}") < at("{{ item.name }}"));
    assert!(at("{{ item.name }}") < at("{% endfor %}"));
    assert!(html.contains("<title>{{ message.title }}</title>") && html.contains("{ color: {{ c }} }"));
}

#[test]
fn what_does_not_come_through_is_said_with_its_place() {
    let source = "<mjml>\n <mj-body>\n  <mj-section><mj-column width=\"{{ w }}\"><mj-text>x</mj-text></mj-column></mj-section>\n </mj-body>\n</mjml>";
    match compile(source, &Limits::default()) {
        Ok(compiled) => assert!(compiled.html.contains("{{ w }}"), "{}", compiled.html),
        Err(faults) => assert_eq!((faults[0].line, faults[0].column), (3, 33), "{faults:?}"),
    }
}

#[test]
fn faults_have_line_column_and_a_way_to_mend_them() {
    for (source, line, words) in [
        ("", 1, ""),
        ("<html></html>", 1, ""),
        (
            "<mjml>\n<mj-body>\n  <mj-text>{{ a < b }}</mj-text>\n  </mj-section></mj-body></mjml>",
            4,
            "",
        ),
        (
            "<mjml>\n<mj-body>\n <mj-include path=\"/etc/passwd\" />\n</mj-body></mjml>",
            3,
            "one file",
        ),
        (
            "<mjml>\n<mj-head><mj-font name=\"x\" href=\"https://fonts.example/x\" /></mj-head><mj-body></mj-body></mjml>",
            2,
            "font",
        ),
        ("<mjml>\n<mj-body>\n<mj-section>", 3, "ends within"),
        (
            "<mjml><mj-body><mj-section foo=></mj-section></mj-body></mjml>",
            1,
            "",
        ),
    ] {
        let faults = faults(source);
        assert_eq!(faults[0].line, line, "{source}: {faults:?}");
        assert!(
            faults[0].message.contains(words) && !faults[0].mend.is_empty(),
            "{faults:?}"
        );
    }
    let inline = "<mjml><mj-head>\n<mj-style inline=\"inline\">a { x: y }</mj-style></mj-head><mj-body></mj-body></mjml>";
    let compiled = compile(inline, &Limits::default()).unwrap();
    assert_eq!(compiled.warnings[0].line, 2, "{:?}", compiled.warnings);
}

#[test]
fn nothing_is_fetched_from_where_the_template_did_not_say() {
    let plain = html(&body("<mj-text>x</mj-text>"));
    let hosts = plain
        .match_indices("://")
        .filter(|(at, _)| !plain[at + 3..].starts_with("www.w3.org"));
    assert_eq!(hosts.count(), 0, "{plain}");
    let social = |attributes: &str| {
        body(&format!(
            "<mj-social><mj-social-element {attributes} href=\"https://shop.example\">x</mj-social-element></mj-social>"
        ))
    };
    let faults = faults(&social("name=\"facebook\""));
    assert!(faults[0].message.contains("sees each opening"), "{faults:?}");
    html(&social("src=\"https://shop.example/f.png\""));
}

#[test]
fn size_and_depth_have_limits() {
    let deep = format!(
        "<mjml><mj-body>{}{}</mj-body></mjml>",
        "<mj-wrapper>".repeat(5_000),
        "</mj-wrapper>".repeat(5_000)
    );
    assert!(faults(&deep)[0].message.contains("within each other"));
    let wide = body(&"<mj-text>x</mj-text>".repeat(3_000));
    assert!(faults(&wide)[0].message.contains("elements"));
    assert!(
        faults(&body(&"x".repeat(300_000)))[0]
            .message
            .contains("bytes long")
    );
    let limits = Limits {
        html: 1_000,
        ..Limits::default()
    };
    assert!(
        compile(&body("<mj-text>x</mj-text>"), &limits).unwrap_err()[0]
            .message
            .contains("HTML")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_stands_in_a_text_comes_through(inside in "([a-zé<>&\"' ]|\\{\\{ [a-z<>\"'|]{0,9} \\}\\}|\\{% [a-z<>\"]{0,9} %\\}|<[a-z]{1,3}>){1,20}") {
        let source = body(&format!("<mj-text>{inside}</mj-text>"));
        prop_assert!(html(&source).contains(&inside) || inside.trim().is_empty());
    }

    #[test]
    fn no_template_makes_it_fall_over(pieces in prop::collection::vec(prop::sample::select(vec![
        "<mjml>", "</mjml>", "<mj-body>", "</mj-body>", "<mj-section>", "</mj-section>", "<mj-column ", "/>", ">", "\"", "'",
        "<mj-text>", "</mj-text>", "{{", "}}", "{%", "%}", "<!--", "-->", "é", " ", "\n", "<mj-raw>", "lqd000000z", "<", "width=\"{{ x }}\"",
    ]), 0..40)) {
        let source = pieces.concat();
        if let Err(faults) = compile(&source, &Limits::default()) {
            let lines = source.split('\n').count() as u32;
            prop_assert!(faults.iter().all(|fault| fault.line >= 1 && fault.line <= lines && fault.column >= 1));
        }
    }
}
