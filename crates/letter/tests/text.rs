//! The text of HTML: everything that is read, and no markup.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use letter::mjml::{Limits, compile};
use letter::text::from_html;
use proptest::prelude::*;

#[test]
fn a_message_reads_as_it_looks() {
    let html = "<!doctype html><html><head><title>No</title><style>p{}</style></head><body><!--[if mso]><table><![endif]-->\
        <table role=\"presentation\"><tr><td><h1>Bonjour &amp; bienvenue</h1></td></tr><tr><td>\
        <p>Votre   commande\n est <b>pr&ecirc;te</b>&nbsp;!<br>Voyez <a href=\"https://shop.example/o?a=1&amp;b=2\">la commande</a>.</p>\
        <ul><li>un</li><li>deux <ol start=\"3\"><li>trois</li><li>quatre</li></ol></li></ul>\
        <img src=\"x\" alt=\"Une tasse bleue\"><hr><p>1 < 2 &unknown; &#8364; &#x20AC;</p>\
        <a href=\"https://shop.example/\">shop.example</a> <a href=\"mailto:a@shop.example\">a@shop.example</a> <a href=\"#top\">haut</a>\
        </td></tr></table><script>alert(1)</script></body></html>";
    let expected = "Bonjour & bienvenue\n\nVotre commande est prête\u{a0}!\nVoyez la commande <https://shop.example/o?a=1&b=2>.\n\n\
        - un\n- deux\n  3. trois\n  4. quatre\n\nUne tasse bleue\n\n--------------------\n\n1 < 2 &unknown; € €\n\nshop.example a@shop.example haut\n";
    assert_eq!(from_html(html), expected);
}

#[test]
fn long_lines_are_wrapped_and_items_hang() {
    let words = "mot ".repeat(60);
    let text = from_html(&format!("<p>{words}</p><ul><li>{words}</li></ul>"));
    assert!(text.lines().all(|line| line.chars().count() <= 76), "{text}");
    assert!(
        text.lines().any(|line| line.starts_with("- mot"))
            && text.lines().any(|line| line.starts_with("  mot"))
    );
}

#[test]
fn liquid_in_a_template_is_not_touched() {
    let html = "<p>Hi {{ person.first_name | default: \"<you>\" }}{% if a < b %}, dear{% endif %}!</p>\
        <a {% if x %}class=\"y\"{% endif %} href=\"{{ links.why | append: \"?a>b\" }}\">why</a> <p>{{a}}{{b}}</p>";
    let text = from_html(html);
    assert_eq!(
        text,
        "Hi {{ person.first_name | default: \"<you>\" }}{% if a < b %},\ndear{% endif %}!\n\n\
         why <{{ links.why | append: \"?a>b\" }}>\n\n{{a}}{{b}}\n"
    );
}

#[test]
fn what_mjml_makes_reads_well() {
    let source = "<mjml><mj-body><mj-section><mj-column><mj-text><h2>Salut {{ n }}</h2><p>Texte</p></mj-text>\
        <mj-button href=\"{{ links.human }}\">Parler à quelqu’un</mj-button><mj-divider /><mj-text>Fin</mj-text></mj-column></mj-section></mj-body></mjml>";
    let html = compile(source, &Limits::default()).unwrap().html;
    assert_eq!(
        from_html(&html),
        "Salut {{ n }}\n\nTexte\n\nParler à quelqu’un <{{ links.human }}>\n\nFin\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_word_is_kept_and_no_tag(words in prop::collection::vec("[a-zé]{1,12}", 1..40), tags in prop::collection::vec(prop::sample::select(vec![
        "<p>", "</p>", "<b>", "<br/>", "<ul>", "<li>", "</ul>", "<td>", "</tr>", "<h2 class='x'>", "<a href='https://e.example/'>", "</a>", " ", "<span style=\"a>b\">",
    ]), 1..40)) {
        let html: String = words.iter().zip(tags.iter().cycle()).map(|(word, tag)| format!("{tag} {word} ")).collect();
        let text = from_html(&html);
        let left = text.replace("<https://e.example/>", "");
        prop_assert!(!left.contains('<') && !left.contains('>'), "{}", text);
        let read: Vec<&str> = left.split_whitespace().filter(|word| *word != "-").collect();
        prop_assert_eq!(read, words.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert!(text.lines().all(|line| line.chars().count() <= 76));
    }

    #[test]
    fn no_html_makes_it_fall_over(html in "(<|>|</|<a href=|\"|'|&|;|#x|\\{\\{|\\}\\}|<!--|-->|<style>|é|a| |<li|<ol>|\n|=|/){0,60}") {
        let text = from_html(&html);
        prop_assert!(text.len() <= html.len() * 40 + 40);
    }
}
