//! What the language promises beyond what Shopify's does: strictness, escaping, limits, places, reads.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use jiff::Timestamp;
use liquid::{How, Limits, Stop, Tongue, Value, parse};

fn values() -> Value {
    let json = serde_json::json!({
        "person": { "first_name": "Zoë <b>", "city": "Paris", "site": "javascript:alert(1)", "nothing": null,
                    "empty_name": "", "orders": [ { "title": "A", "price": 5 }, { "title": "B & C", "price": 7.5 } ] },
        "shop": { "name": "L’Atelier", "url": "https://shop.example" },
        "links": { "why": "https://shop.example/why?a=1&b=2" },
        "empty_cart": true, "nil_value": "n", "true_love": "t", "false_friend": "f", "blank_page": "b",
        "html": "<i>x</i>",
    });
    Value::from(&json)
}

fn html(source: &str) -> Result<String, Stop> {
    let template = parse(source, &Limits::default()).unwrap_or_else(|faults| panic!("{source}\n{faults}"));
    template.render(&values(), &How::html("2026-03-14T15:09:26Z".parse().unwrap()))
}

fn plain(source: &str) -> Result<String, Stop> {
    let template = parse(source, &Limits::default()).unwrap_or_else(|faults| panic!("{source}\n{faults}"));
    template.render(&values(), &How::text("2026-03-14T15:09:26Z".parse().unwrap()))
}

fn faults(source: &str) -> Vec<String> {
    match parse(source, &Limits::default()) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_missing_value_stops_the_message_with_its_path_line_and_column() {
    let stop = html("Hello\n  {{ person.surname }}").unwrap_err();
    let missing = |path: &str, line, column| Stop::Missing {
        path: path.into(),
        line,
        column,
    };
    assert_eq!(stop, missing("person.surname", 2, 6));
    assert_eq!(html("{{ nobody }}").unwrap_err(), missing("nobody", 1, 4));
    assert_eq!(
        html("{{ person.nothing }}").unwrap_err(),
        missing("person.nothing", 1, 4)
    );
    assert_eq!(
        html("{{ person.orders[7].title }}").unwrap_err(),
        missing("person.orders[7].title", 1, 4)
    );
    assert_eq!(
        html("é{{ person.surname | upcase }}").unwrap_err(),
        missing("person.surname", 1, 5)
    );
    assert!(matches!(
        html("{% for x in person.pets %}{% endfor %}"),
        Err(Stop::Missing { .. })
    ));
    assert!(matches!(
        html("{% assign x = person.pets %}"),
        Err(Stop::Missing { .. })
    ));
    assert!(matches!(
        html("{{ person.pets | plus: 1 | default: 'a' }}"),
        Err(Stop::Missing { .. })
    ));
}

#[test]
fn a_missing_value_is_fine_where_the_template_says_what_to_write_instead() {
    assert_eq!(
        html("{{ person.surname | default: 'friend' }}").unwrap(),
        "friend"
    );
    assert_eq!(
        html("{{ person.surname | strip | capitalize | default: 'friend' }}").unwrap(),
        "friend"
    );
    assert_eq!(
        html("{{ person.nick | default: person.surname | default: 'you' }}").unwrap(),
        "you"
    );
    assert_eq!(
        html("{{ person.city | default: person.surname }}").unwrap(),
        "Paris"
    );
    assert_eq!(
        html("{% if person.surname %}a{% else %}b{% endif %}").unwrap(),
        "b"
    );
    assert_eq!(
        html("{% unless person.a.b.c == 'x' %}a{% endunless %}").unwrap(),
        "a"
    );
    assert_eq!(
        html("{% case person.surname %}{% when 'x' %}a{% else %}b{% endcase %}").unwrap(),
        "b"
    );
}

#[test]
fn lax_rendering_writes_nothing_for_what_is_missing() {
    let template = parse("[{{ person.surname }}{{ a.b[c] }}]", &Limits::default()).unwrap();
    let how = How {
        strict: false,
        ..How::html(Timestamp::UNIX_EPOCH)
    };
    assert_eq!(template.render(&values(), &how).unwrap(), "[]");
}

#[test]
fn values_are_escaped_once_in_html_and_not_at_all_in_text() {
    assert_eq!(html("{{ person.first_name }}").unwrap(), "Zoë &lt;b&gt;");
    assert_eq!(html("{{ person.first_name | escape }}").unwrap(), "Zoë &lt;b&gt;");
    assert_eq!(
        html("{{ person.first_name | escape | escape_once | h }}").unwrap(),
        "Zoë &lt;b&gt;"
    );
    assert_eq!(
        html("<a title='{{ \"it's\" }}'>").unwrap(),
        "<a title='it&#39;s'>"
    );
    assert_eq!(plain("{{ person.first_name }}").unwrap(), "Zoë <b>");
    assert_eq!(
        plain("{{ person.first_name | escape }}").unwrap(),
        "Zoë &lt;b&gt;"
    );
    assert_eq!(
        html("{% capture x %}<p>{{ person.first_name }}</p>{% endcapture %}{{ x }}").unwrap(),
        "<p>Zoë &lt;b&gt;</p>"
    );
    assert_eq!(
        html("{% capture x %}<p>{% endcapture %}{{ x | append: person.first_name | append: '</p>' }}")
            .unwrap(),
        "<p>Zoë &lt;b&gt;&lt;/p&gt;"
    );
    assert_eq!(
        html("{{ person.orders | map: 'title' | join: ' > ' }}").unwrap(),
        "A &gt; B &amp; C"
    );
    assert_eq!(
        html("{{ \"a<b\nc\" | newline_to_br }}").unwrap(),
        "a&lt;b<br />\nc"
    );
    // Markup of a capture cannot leave the attribute that it is written into.
    assert_eq!(
        html("{% capture x %}a\"b{% endcapture %}<a title=\"{{ x }}\">").unwrap(),
        "<a title=\"a&quot;b\">"
    );
}

#[test]
fn html_of_values_goes_through_raw_only_if_that_is_allowed() {
    assert!(matches!(
        html("{{ html | raw }}"),
        Err(Stop::Refused {
            line: 1,
            column: 11,
            ..
        })
    ));
    let template = parse("{{ html | raw }} {{ html }}", &Limits::default()).unwrap();
    assert_eq!(template.raw().len(), 1);
    let how = How {
        raw: true,
        ..How::html(Timestamp::UNIX_EPOCH)
    };
    assert_eq!(
        template.render(&values(), &how).unwrap(),
        "<i>x</i> &lt;i&gt;x&lt;/i&gt;"
    );
    assert_eq!(plain("{{ html | raw }}").unwrap(), "<i>x</i>");
}

#[test]
fn an_address_made_from_a_value_has_a_harmless_scheme_or_none() {
    for refused in [
        "<a href=\"{{ person.site }}\">",
        "<a href='{{ person.site }}'>",
        "<img alt='>' src=\"{{ person.site }}\">",
        "<a HREF = \"java{{ 'script:x' }}\">",
        "<a href=\"{{ ' java' }}{{ 'script:x' }}\">",
        "<a href=\"{{ \"java\tscript:x\" }}\">",
        "<a href=\"{{ 'data:text/html,x' }}\">",
        "{% if person.city %}<a href=\"{% else %}<a title=\"{% endif %}{{ person.site }}\">",
        "{% capture u %}{{ person.site }}{% endcapture %}<a href=\"{{ u }}\">",
        "{% capture u %}java&#115;cript:{{ person.city }}{% endcapture %}<a href=\"{{ u }}\">",
        "<!--[if mso]><a href=\"{{ person.site }}\"><![endif]-->",
        "<mj-button href=\"{{ person.site }}\">",
    ] {
        assert!(
            matches!(html(refused), Err(Stop::Refused { .. })),
            "{refused}: {:?}",
            html(refused)
        );
    }
    for (fine, text) in [
        (
            "<a href=\"{{ links.why }}\">",
            "<a href=\"https://shop.example/why?a=1&amp;b=2\">",
        ),
        (
            "<a href=\"{{ shop.url }}/x?y={{ person.site | url_encode }}\">",
            "<a href=\"https://shop.example/x?y=javascript%3Aalert%281%29\">",
        ),
        (
            "<a href=\"mailto:{{ 'a@b.example' }}\">",
            "<a href=\"mailto:a@b.example\">",
        ),
        ("<a href=\"/a/{{ 'b:c' }}\">", "<a href=\"/a/b:c\">"),
        ("<p>{{ person.site }}</p>", "<p>javascript:alert(1)</p>"),
        (
            "<!-- \" --><p title=\"{{ person.site }}\">",
            "<!-- \" --><p title=\"javascript:alert(1)\">",
        ),
        (
            "<!--[if !mso]><!--><p>{{ person.city }}</p><!--<![endif]-->",
            "<!--[if !mso]><!--><p>Paris</p><!--<![endif]-->",
        ),
        (
            "<td style=\"color: {{ '#ff00aa' }}\">",
            "<td style=\"color: #ff00aa\">",
        ),
    ] {
        assert_eq!(html(fine).as_deref(), Ok(text), "{fine}");
    }
    assert!(matches!(
        html("<td style=\"color: {{ 'red;background:url(x)' }}\">"),
        Err(Stop::Refused { .. })
    ));
}

#[test]
fn a_value_is_refused_where_escaping_does_not_make_it_harmless() {
    for source in [
        "<script>var a = '{{ person.city }}'</script>",
        "<a onclick=\"f('{{ person.city }}')\">",
        "<a title={{ person.city }}>",
        "<a {{ person.city }}>",
        "<{{ person.city }}>",
        "<a data-{{ person.city }}=\"1\">",
        "<a href=\"{{ person.city }}:x\">",
        "<style>{% for x in (1..2) %}{% endfor %}</style><script>{{ person.city }}</script>",
        "{% for x in (1..3) %}<script>{% endfor %}{{ person.city }}",
        "{% capture x %}<a {% if person %}{{ person.city }}{% endif %}>{% endcapture %}",
    ] {
        let template = parse(source, &Limits::default()).unwrap();
        assert!(!template.html_faults().is_empty(), "{source}");
        assert!(matches!(html(source), Err(Stop::Refused { .. })), "{source}");
        assert!(plain(source).is_ok(), "{source}");
    }
    let template = parse("<p>\n<a title={{ person.city }}>", &Limits::default()).unwrap();
    let fault = template.html_faults().iter().next().unwrap();
    assert_eq!((fault.line, fault.column), (2, 13));
}

#[test]
fn a_template_that_would_run_long_ends() {
    let long = |source: &str| plain(source).unwrap_err();
    assert_eq!(
        long("{% for a in (1..1000000000000000000) %}{% endfor %}"),
        Stop::Fuel
    );
    assert_eq!(
        long("{% for a in (1..9999) %}{% for b in (1..9999) %}{% endfor %}{% endfor %}"),
        Stop::Fuel
    );
    assert_eq!(long("{{ (1..1000000000000000000) | join: ',' }}"), Stop::Fuel);
    assert_eq!(
        long("{% assign a = 'aa' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}"),
        Stop::Fuel
    );
    assert_eq!(
        long(
            "{% assign a = 'ab' %}{% for i in (1..60) %}{% assign a = a | replace: 'b', 'abababab' %}{% endfor %}"
        ),
        Stop::Fuel
    );
    assert_eq!(
        long(
            "{% assign a = 'a b' | split: ' ' %}{% for i in (1..60) %}{% assign a = a | concat: a %}{% endfor %}"
        ),
        Stop::Fuel
    );
    assert_eq!(
        plain("{{ (1..1000000000000000000) | size }}").unwrap(),
        "1000000000000000000"
    );
    assert_eq!(
        plain("{% for i in (1..1000000000000000000) limit: 2 %}{{ i }}{% endfor %}").unwrap(),
        "12"
    );
    assert_eq!(
        plain("{% for i in (1..1000000000000000000) reversed %}{{ i }}{% break %}{% endfor %}").unwrap(),
        "1000000000000000000"
    );
}

#[test]
fn a_text_is_no_longer_than_allowed() {
    let template = parse(
        "{% for i in (1..100) %}0123456789{% endfor %}",
        &Limits::default(),
    )
    .unwrap();
    let how = How {
        output_max: 999,
        ..How::text(Timestamp::UNIX_EPOCH)
    };
    assert_eq!(template.render(&values(), &how), Err(Stop::TooLong(999)));
    let how = How {
        output_max: 1000,
        ..how
    };
    assert_eq!(template.render(&values(), &how).unwrap().len(), 1000);
}

#[test]
fn sources_are_no_longer_and_no_deeper_than_allowed() {
    let limits = Limits {
        source: 10,
        ..Limits::default()
    };
    assert!(parse("0123456789a", &limits).is_err());
    for (open, close) in [
        ("{% if a %}", "{% endif %}"),
        ("{% for a in b %}", "{% endfor %}"),
        ("{% capture a %}", "{% endcapture %}"),
    ] {
        let nested = |by: usize| open.repeat(by) + &close.repeat(by);
        assert!(parse(&nested(32), &Limits::default()).is_ok());
        assert!(
            faults(&nested(33))[0].contains("nested"),
            "{:?}",
            faults(&nested(33))
        );
        assert!(!faults(&nested(8_000)).is_empty());
    }
    for brackets in [
        "[".repeat(60_000),
        format!("a{}", "[a".repeat(60_000)),
        "(".repeat(60_000),
    ] {
        assert!(!faults(&format!("{{{{ {brackets} }}}}")).is_empty());
    }
    assert!(!faults(&"{{".repeat(100_000)).is_empty());
    assert!(!faults(&"{%".repeat(100_000)).is_empty());
    let deepest = Limits {
        depth: usize::MAX,
        ..Limits::default()
    };
    let blocks = "{% if a %}{% liquid\nfor i in (1..1)\n".to_owned();
    let _ = parse(&blocks.repeat(5_000), &deepest);
    assert!(parse(&("{% if a %}".repeat(100) + &"{% endif %}".repeat(100)), &deepest).is_ok());
    assert!(parse(&("{% if a %}".repeat(101) + &"{% endif %}".repeat(101)), &deepest).is_err());
}

#[test]
fn all_faults_are_told_each_with_its_place_and_how_to_mend_it() {
    let source = "{{ a | upcas }}\n{% if a = b %}{% endif %}\n  {% frob %}{{ a b }}\n{% for x of y %}{% endfor %}{{ 'a }}\n{% if a %}";
    assert_eq!(
        faults(source),
        [
            "1:8: there is no filter `upcas`; did you mean `upcase`?",
            "2:9: `=` compares nothing; write `==`",
            "3:6: there is no tag `frob`; did you mean `for`?",
            "3:18: `b` is too much here; filters follow after `|`, their arguments after `:`",
            "4:10: `for` needs `in`; write `{% for item in list %}`",
            "4:32: this text is not closed; end it with the quote it began with",
            "5:4: `if` is never closed; write `{% endif %}` where it ends",
        ]
    );
    assert_eq!(
        faults("{% for x in y %}{% if x %}{% endfor %}{% endif %}"),
        [
            "1:20: `if` is never closed; write `{% endif %}` before `endfor` of line 1",
            "1:42: `endif` belongs to no `if`; write the `if` before it, or take it out",
        ]
    );
    for (source, word) in [
        ("{{ person | md5 }}", "refused"),
        ("{% break %}", "no loop"),
        ("{% include 'a' %}", "one file"),
        ("{{${first_name}}}", "Braze"),
        ("{{ a | default }", "not closed"),
        ("{{ a | truncate: 1, 2, 3 }}", "3 arguments"),
        ("{% connected_content https://x :save y %}", "fetch"),
        ("{{ a | default: b, allow: true }}", "allow_false"),
        ("{{ “a” }}", "straight quotes"),
        ("{% abort_message(person.city) %}", "in quotes"),
        ("{{ a + 1 }}", "`plus`"),
        ("{{ }}", "a value is missing"),
        ("{% comment %}", "never closed"),
        ("{% raw %}", "never closed"),
        ("{% assign nil = 1 %}", "word of the language"),
        ("{{ 99999999999999999999 }}", "too large"),
    ] {
        assert!(
            faults(source).iter().any(|fault| fault.contains(word)),
            "{source}: {:?}",
            faults(source)
        );
    }
}

#[test]
fn a_template_can_ask_not_to_be_sent() {
    let source = "{% if person.city == 'Paris' %}{% abort_message('not in Paris') %}{% endif %}x";
    assert_eq!(html(source), Err(Stop::Abort("not in Paris".into())));
    assert_eq!(html("{% abort_message(\"\") %}"), Err(Stop::Abort(String::new())));
    assert_eq!(
        html("{% abort_message() %}"),
        Err(Stop::Abort("no reason given".into()))
    );
    assert_eq!(
        html("{% if false %}{% abort_message('x') %}{% endif %}sent").unwrap(),
        "sent"
    );
}

#[test]
fn names_may_begin_with_words_of_the_language() {
    assert_eq!(
        html("{% if empty_cart %}{{ nil_value }}{{ true_love }}{{ false_friend }}{{ blank_page }}{% endif %}{{ person.empty_name }}")
            .unwrap(),
        "ntfb"
    );
}

#[test]
fn days_months_and_money_are_written_in_the_language() {
    let fr = How {
        language: Tongue::Fr,
        ..How::text("2026-03-14T23:30:00Z".parse().unwrap())
    };
    let fr = How {
        zone: jiff::tz::TimeZone::get("Europe/Paris").unwrap(),
        ..fr
    };
    let say = |source: &str, how: &How| {
        parse(source, &Limits::default())
            .unwrap()
            .render(&values(), how)
            .unwrap()
    };
    assert_eq!(
        say("{{ 'now' | date: '%A %-d %B %Y, %H:%M %Z' }}", &fr),
        "dimanche 15 mars 2026, 00:30 CET"
    );
    assert_eq!(
        say("{{ 'now' | date: '%A %-d %B', 'America/New_York' }}", &fr),
        "samedi 14 mars"
    );
    assert_eq!(say("{{ '2026-08-01' | date: '%a %d %b' }}", &fr), "sam. 01 août");
    assert_eq!(
        say("{{ 1234567.5 | money }}", &fr),
        "1\u{202f}234\u{202f}567,50\u{a0}€"
    );
    assert_eq!(say("{{ 12 | money: 'JPY' }}", &fr), "12\u{a0}¥");
    let en = How {
        language: Tongue::En,
        ..fr
    };
    assert_eq!(say("{{ 'today' | date: '%A, %B %-d' }}", &en), "Sunday, March 15");
    assert_eq!(
        say("{{ -1234.505 | money: 'USD' }} {{ '5' | money: 'CHF' }}", &en),
        "-$1,234.51 CHF\u{a0}5.00"
    );
    assert!(matches!(
        html("{{ 'tomorrow maybe' | date: '%Y' }}"),
        Err(Stop::Value { .. })
    ));
}

#[test]
fn what_a_template_reads_is_known_before_it_runs() {
    let reads = |source: &str| {
        let template = parse(source, &Limits::default()).unwrap();
        let paths = template
            .reads()
            .iter()
            .map(|read| format!("{}{}", read.path, if read.whole { "" } else { "?" }));
        paths.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        reads("{{ person.first_name | default: shop.name }}{% if person.city == a %}{% endif %}"),
        "person.first_name shop.name person.city a"
    );
    assert_eq!(
        reads("{% assign p = person %}{{ p.city }}"),
        "person? person.city"
    );
    assert_eq!(
        reads("{% assign p = person.orders %}{{ p.city }}"),
        "person.orders"
    );
    assert_eq!(reads("{% assign p = 'x' %}{{ p }}"), "");
    assert_eq!(reads("{% if a %}{% assign p = 'x' %}{% endif %}{{ p }}"), "a? p");
    assert_eq!(
        reads("{% if a %}{% assign p = q %}{% else %}{% assign p = person %}{% endif %}{{ p.x }}"),
        "a? q? person? person.x q.x"
    );
    assert_eq!(
        reads("{{ person[key] }}{{ person['city'] }}{{ [key] }}"),
        "person.* key person.city * key"
    );
    assert_eq!(
        reads(
            "{% for o in person.orders limit: n %}{{ o.title }}{{ forloop.index }}{% endfor %}{{ forloop.x }}{{ o }}"
        ),
        "person.orders n forloop.x o"
    );
    assert_eq!(
        reads("{% for i in (1..3) %}{{ p.x }}{% assign p = person %}{% endfor %}"),
        "p.x person.x person?"
    );
    assert_eq!(
        reads("{% capture c %}{{ person.city }}{% endcapture %}{{ c }}{{ person.orders.size }}"),
        "person.city person.orders"
    );
    assert_eq!(
        reads(
            "{% case a.b %}{% when c.d %}{{ e }}{% endcase %}{% cycle f: g, h %}{% tablerow x in t cols: u %}{{ tablerowloop.col }}{% endtablerow %}"
        ),
        "a.b c.d e f g h t u"
    );
    let template = parse("a\nb {{ person.city }}", &Limits::default()).unwrap();
    assert_eq!((template.reads()[0].line, template.reads()[0].column), (2, 6));
}

#[test]
fn faults_and_stops_hold_no_value_of_a_person() {
    for source in [
        "{{ person.site.x }}",
        "{{ person.orders }}",
        "{{ person.site | divided_by: 0 }}",
        "<a href='{{ person.site }}'>",
        "{{ person.site | date: '%Y' }}",
        "{{ person.site | base64_decode }}",
        "{% if person.site > 1 %}{% endif %}",
        "{% for a in (1..2) limit: person.site %}{% endfor %}",
        "{{ person.site | concat: person.site }}",
        "{{ person.city | money: person.site }}",
    ] {
        let stop = html(source).unwrap_err().to_string();
        assert!(!stop.contains("javascript"), "{stop}");
    }
}
