//! The rules: what each is called, whether it blocks, what it rests on, and what to say instead.
//!
//! Deliberately does not know: the words by which a rule is broken (`lexicon`), how forms break it (`lint`).

use crate::claim::Kind;
use vocabulary::Language;

/// What a finding does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The message is not sent as it is.
    Blocks,
    /// Somebody should look.
    Advises,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $severity:ident, $law:literal,
        fr: $why_fr:literal / $instead_fr:literal,
        en: $why_en:literal / $instead_en:literal;)*) => {
        /// A rule.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Rule { $($(#[$doc])* $name,)* }

        impl Rule {
            /// All of them.
            pub const ALL: &'static [Rule] = &[$(Rule::$name,)*];

            /// Its stable name, as in `honesty:` of message.yaml.
            pub const fn id(self) -> &'static str {
                match self { $(Rule::$name => $id,)* }
            }

            /// Whether it blocks.
            pub const fn severity(self) -> Severity {
                match self { $(Rule::$name => Severity::$severity,)* }
            }

            /// What it rests on.
            pub const fn law(self) -> &'static str {
                match self { $(Rule::$name => $law,)* }
            }

            /// Why, in plain words.
            pub const fn why(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Rule::$name, Language::Fr) => $why_fr, (Rule::$name, Language::En) => $why_en,)*
                }
            }

            /// An honest way.
            pub const fn alternative(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Rule::$name, Language::Fr) => $instead_fr, (Rule::$name, Language::En) => $instead_en,)*
                }
            }
        }
    };
}

rules! {
    /// Time is short, and no deadline is bound to it.
    Urgency = "urgency", Blocks, "2005/29/EC Annex I (7); C. conso. L121-4",
        fr: "dit que le temps presse, sans échéance vérifiable" / "donnez la date et liez-la à une échéance, ou dites-le sans presser",
        en: "says that time is short, and no deadline backs it" / "give the date and bind it to a deadline, or say it without the rush";
    /// Little is left, and no stock is bound to it.
    Scarcity = "scarcity", Blocks, "2005/29/EC art. 6(1)(b), Annex I (7) and (18); C. conso. L121-2, L121-4",
        fr: "dit qu’il en reste peu, sans stock vérifiable" / "liez le nombre au stock, ou dites simplement que l’article est disponible",
        en: "says that little is left, and no stock backs it" / "bind the number to the stock, or just say that it is available";
    /// Others do it, and nothing is counted.
    SocialProof = "social_proof", Blocks, "2005/29/EC art. 6(1), Annex I (18); C. conso. L121-2",
        fr: "s’appuie sur ce que font les autres, sans rien de compté" / "liez le nombre à un événement compté, ou décrivez l’objet lui-même",
        en: "leans on what others do, and nothing counted backs it" / "bind the number to a counted event, or describe the thing itself";
    /// A lower price, without the lowest of the 30 days before.
    Discount = "discount", Blocks, "98/6/EC art. 6a; 2005/29/EC art. 6(1)(d); C. conso. L112-1-1",
        fr: "annonce une baisse de prix, sans le prix le plus bas des 30 jours précédents" / "liez-la à l’article, dont le prix antérieur est alors affiché, ou donnez le prix seul",
        en: "announces a lower price without the lowest price of the 30 days before" / "bind it to the item, whose prior price is then shown, or give the price alone";
    /// Somebody's praise, without a source.
    Testimonial = "testimonial", Blocks, "2005/29/EC art. 7(6), Annex I (23b) and (23c); C. conso. L121-3, L121-4",
        fr: "cite un avis ou une note, sans source nommée" / "nommez la source et comment l’avis a été vérifié, ou retirez-le",
        en: "cites a review or a rating without a named source" / "name the source and how the review was checked, or take it out";
    /// A countdown that starts for each person.
    PersonalCountdown = "personal_countdown", Blocks, "2005/29/EC art. 6(1)(d), Annex I (7); C. conso. L121-4",
        fr: "un compte à rebours propre à chacun n’est l’échéance de rien" / "donnez une seule date, la même pour tous",
        en: "a countdown that starts for each person is the deadline of nothing" / "give one date, the same for everybody";
    /// The refusing words shame.
    Confirmshaming = "confirmshaming", Blocks, "2022/2065 (DSA) art. 25 and recital 67, for platforms; 2005/29/EC art. 8; GDPR art. 4(11)",
        fr: "fait honte à qui refuse" / "écrivez « Non merci » et rien d’autre",
        en: "shames whoever refuses" / "write “No, thank you” and nothing else";
    /// Guilt, pity or fear.
    Guilt = "guilt", Blocks, "2005/29/EC art. 8 and 9(c), Annex I (30); C. conso. L121-6, L121-7",
        fr: "joue de la culpabilité, de la pitié ou de la peur" / "dites ce que vous proposez, et que la personne est libre",
        en: "plays on guilt, pity or fear" / "say what you offer, and that the person is free";
    /// Refusing is harder than accepting, or cannot be seen.
    HiddenChoice = "hidden_choice", Blocks, "GDPR art. 4(11), 7(3) and 21; 2002/58/EC art. 13; DSA art. 25(3), for platforms",
        fr: "refuser est plus difficile, moins visible ou moins proche qu’accepter" / "deux choix de même forme, de même taille, côte à côte",
        en: "to refuse is harder, fainter or farther than to accept" / "two choices of the same form and size, side by side";
    /// Something else must be done first.
    ForcedAction = "forced_action", Blocks, "GDPR art. 7(4); 2005/29/EC art. 8; C. conso. L121-6",
        fr: "oblige à autre chose que ce que la personne veut faire" / "laissez faire sans condition, et proposez le reste à part",
        en: "makes people do something else than what they came for" / "let them do it without a condition, and offer the rest apart";
    /// Ticked before anybody touched it.
    Preticked = "preticked", Blocks, "GDPR art. 4(11) and recital 32; CJEU C-673/17 (Planet49); 2011/83/EU art. 22",
        fr: "la case est cochée d’avance" / "laissez la case vide",
        en: "the box is ticked beforehand" / "leave the box empty";
    /// A subject that feigns an answer.
    FakeReply = "fake_reply", Blocks, "2005/29/EC art. 6(1); 2000/31/EC art. 6(a)",
        fr: "l’objet imite une réponse ou un transfert" / "retirez « RE : » ou « TR : »",
        en: "the subject feigns a reply or a forwarded message" / "take out “RE:” or “FW:”";
    /// Advertising as a notice of an authority or a system.
    FakeNotice = "fake_notice", Blocks, "2005/29/EC art. 6(1) and 9, Annex I (21); 2000/31/EC art. 6(a)",
        fr: "une publicité qui imite un avis officiel, une alerte ou une facture" / "dites dès l’objet que c’est une offre, et de qui",
        en: "advertising that feigns an official notice, an alert or an invoice" / "say in the subject that it is an offer, and whose";
    /// Advertising that says it is none.
    DisguisedAd = "disguised_ad", Blocks, "2005/29/EC art. 7(2), Annex I (11) and (22); 2000/31/EC art. 6(a); LCEN art. 20",
        fr: "une publicité qui ne dit pas son nom" / "signez de votre nom et dites que c’est une publicité",
        en: "advertising that hides that it is" / "sign with your name and say that it is advertising";
    /// Free, and yet to be paid.
    FalseFree = "false_free", Blocks, "2005/29/EC Annex I (20); C. conso. L121-4",
        fr: "dit gratuit ce qui coûte quelque chose" / "donnez le prix entier, frais et suite compris",
        en: "calls free what costs something" / "give the whole price, with fees and what comes after";
    /// A prize that is none.
    FalsePrize = "false_prize", Blocks, "2005/29/EC Annex I (19) and (31); C. conso. L121-4, L121-7",
        fr: "annonce un gain ou une sélection" / "dites ce qui est proposé, à qui et à quel prix",
        en: "announces a prize or a selection" / "say what is offered, to whom and at what price";
    /// Children told to buy, or to have others buy.
    Children = "children", Blocks, "2005/29/EC Annex I (28); C. conso. L121-7",
        fr: "pousse des enfants à acheter ou à faire acheter" / "adressez-vous aux adultes",
        en: "urges children to buy, or to have their parents buy" / "speak to adults";
    /// Something of the person in a subject that others can read.
    PersonalDataInSubject = "personal_data_in_subject", Blocks, "GDPR art. 5(1)(c) and (f), art. 9",
        fr: "l’objet, visible de tous sur un écran, dit quelque chose de la personne" / "dites-le dans le corps du message",
        en: "the subject, which anybody near the screen can read, tells something of the person" / "say it in the body";
    /// Words that claim, outside of the block that drops them.
    UnguardedClaim = "unguarded_claim", Blocks, "2005/29/EC art. 6(1); 98/6/EC art. 6a",
        fr: "ces mots resteraient quand le fait n’est plus vrai" / "placez-les dans `{% if claims.… %}…{% endif %}`, ou écrivez `when_dead: stop`",
        en: "these words would stay when the fact is gone" / "put them between `{% if claims.… %}` and `{% endif %}`, or write `when_dead: stop`";
    /// Capitals and marks that shout.
    Shouting = "shouting", Advises, "2005/29/EC art. 8 where it adds to pressure",
        fr: "des capitales ou des points d’exclamation qui crient" / "écrivez en minuscules, avec un seul signe",
        en: "capitals or exclamation marks that shout" / "write in small letters, with a single mark";
    /// Reads as if nobody wrote it.
    RobotTone = "robot_tone", Advises, "2000/31/EC art. 5(1)(c): a way to be reached; 2002/58/EC art. 13(4)",
        fr: "personne ne semble avoir écrit, ou ne pouvoir être joint" / "signez d’un nom, et donnez un moyen de répondre",
        en: "nobody seems to have written it, or can be answered" / "sign with a name, and give a way to answer";
    /// Hard to read.
    Readability = "readability", Advises, "GDPR art. 12(1): clear and plain language",
        fr: "difficile à lire" / "des phrases plus courtes, des mots plus courants",
        en: "hard to read" / "shorter sentences, plainer words";
}

impl Rule {
    /// The rule of that name.
    pub fn of(id: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.id() == id)
    }

    /// The claim that the rule's words make.
    pub fn claim(self) -> Option<Kind> {
        Some(match self {
            Rule::Urgency => Kind::Urgency,
            Rule::Scarcity => Kind::Scarcity,
            Rule::SocialProof => Kind::SocialProof,
            Rule::Discount => Kind::Discount,
            Rule::Testimonial => Kind::Testimonial,
            _ => return None,
        })
    }
}
