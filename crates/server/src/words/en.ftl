# Words of the faces, English. Keys are the same in both languages; a test compares them.

# The page as a whole
page-title = See it with a customer’s eyes
page-skip = Skip to the content
page-demo = demonstration
page-language = Language
page-lead = Pick a customer. You see what they see: what is known of them, what is recommended, and what each reason weighs. Nothing here is hidden from them.
page-sample = Real purchases from the Online Retail data set of the UCI repository (CC BY 4.0), without names. The consents are invented for this demonstration.
page-source = Free software under AGPL-3.0. This page uses no cookie, no script and no tracker.

# Choosing a customer
choose-label = Sample customer
choose-none = Choose…
choose-show = Show
stance-all = agrees to everything
stance-part = agrees in part
stance-refused = refuses
stance-silent = never answered

# What just happened
notice-removed = “{ $name }” is no longer in your history. The list below is already made without it.
notice-off = Personalisation is off. The list below is made without your data.
notice-on = Personalisation is on. You can switch it off at any time, here.
notice-stale = Nothing was changed: the page was too old. Please try again.
notice-came = New in the list: { $names }.
notice-went = No longer in the list: { $names }.

# The list
offers-title-profiled = Recommended for you
offers-title-contextual = The same list for everybody
offers-none = Nothing to recommend: what is left after the rules of the shop is an empty list.
mode-profiled = { $count ->
    [one] Made from { $count } product of your history, and only from that.
   *[other] Made from { $count } products of your history, and only from them.
}
mode-contextual = Nothing about you was opened to make this list.
mode-rules = Rules that decided
offer-rank = No.
offer-score = score { $score }
offer-reasons = Reasons for “{ $name }”, strongest first
offer-exact = The exact sum
offer-column-reason = Reason
offer-column-share = Share
offer-column-amount = Adds
offer-total = Score
offer-others = { $count ->
    [one] { $count } smaller reason
   *[other] { $count } smaller reasons together
}
offer-bar = { $share } of the score
offer-without-instead = Without “{ $item }” in your history, “{ $other }” would stand in the list instead of this.
offer-without-gone = Without “{ $item }” in your history, this would not be in the list.
offer-without-place = Without “{ $item }” in your history, this would be number { $place }.
gauge-title = Outside your habits
gauge-words = { $outside } of these { $total } products lie outside this customer’s usual topics.

# Reasons
reason-again = You bought it before
reason-next = It often follows “{ $item }”
reason-discover = It often goes with “{ $item }”
reason-prior = Many people choose it
reason-mute = You want less of “{ $item }”
reason-bridge = People of different views value it
reason-alike = Few have it yet; it is like “{ $item }”
phrase-again = you bought it before
phrase-next = it often follows “{ $item }” in your history
phrase-discover = it often goes with “{ $item }” in your history
phrase-prior = many people choose it
phrase-mute = you want less of “{ $item }”
phrase-bridge = people of different views value it
phrase-alike = few have it yet, and it is like “{ $item }” in your history
sentence-one = Because { $first }.
sentence-two = Because { $first } ({ $share }), and { $second } ({ $rest }).
sentence-prior = Many people choose it; nothing about you counts here.
sentence-none = No reason weighs for or against it: it only fills the list.

# Left out
excluded-title = Left out by a rule
excluded-hidden = the shop does not show it
excluded-stock = out of stock
excluded-bought = you have it already
excluded-category = not of the categories asked for

# What the person decides
choices-title = What you decide
switch-on-state = Personalisation is on.
switch-off-state = Personalisation is off.
switch-off = Switch personalisation off
switch-on = Switch personalisation on
switch-effect = It takes effect with the next list, and it is as easy to undo.
consents-caption = Your answer for each purpose
consents-purpose = Purpose
consents-answer = Your answer
purpose-service = to deliver your orders
purpose-personalise = to choose what you are shown
purpose-segment = to place you in groups
purpose-train = to learn from many people’s purchases
purpose-show-own-data = to show you your own data
purpose-predict = to foresee when you might buy again
purpose-market-by-email = to send you offers by e-mail
purpose-market-by-sms = to send you offers by text message
purpose-market-by-push = to send you offers as notifications
purpose-measure = to measure what is read and bought
purpose-answer-rights-request = to answer your requests about your rights
purpose-human-help = to help you when you talk to a person
purpose-secure = to protect the service from abuse
consent-unknown = nothing known
consent-requested = asked, not answered
consent-deferred = put off
consent-given = yes
consent-renewed = yes, renewed
consent-refused = no
consent-withdrawn = taken back
consent-revoked = ended by others
consent-expired = too old to count
consent-invalidated = not valid
consent-not-needed = not needed

# What is known
known-title = What is known of you
known-history = Your history
known-history-none = Your history is empty.
known-more = { $count ->
    [one] Show { $count } more product
   *[other] Show { $count } more products
}
deed-viewed = { $count ->
    [one] viewed once
   *[other] viewed { $count } times
}
deed-added = { $count ->
    [one] put in the basket once
   *[other] put in the basket { $count } times
}
deed-bought = { $count ->
    [one] bought once
   *[other] bought { $count } times
}
known-last = last on { $day }
known-origin = From { $source }; used { $purposes }.
known-origin-unused = From { $source }; used for nothing now.
known-remove = Remove from my history
known-traits = About you
known-expires = Kept until { $day }.
unkept-title = What was not kept
unkept-none = Nothing that was sent about you was dropped.
unkept-undeclared = sent by the shop, but not declared: nobody said what it would be for
unkept-no-purpose = you have agreed to no purpose that needs it
unkept-never = never kept, from anybody
unkept-expired = its time was over
unkept-times = { $count ->
    [one] once
   *[other] { $count } times
}

# The proof
proof-title = The proof
proof-words = This list and its reasons were recorded before you saw them. The receipt proves it without trusting this site: anyone can check it offline.
proof-record = Record
proof-leaf = Place in the public log
proof-pending = on its way, about a second
proof-receipt = Download the receipt

# Asking for consent
ask-page = Your choices
ask-each = What you permit, one by one
ask-accept = Accept all
ask-refuse = Refuse all
ask-withdraw = Withdraw all
ask-save = Save my selection
ask-change = Change my choices
ask-close = Close
ask-by = Asked by { $controller }.
ask-version = Notice { $notice }, version { $number }, text { $hash }.
ask-same = The site works the same whatever you choose.
ask-standing-open = You have not answered yet. Nothing is used until you say yes.
ask-standing-given = You permitted: { $purposes }. You can take it back here, at once.
ask-standing-refused = You refused. It is remembered, and you will not be asked again for as long as a yes would last.
ask-signal-gpc = Your browser says no for you (Global Privacy Control), and it is followed: a yes here would change nothing. Switch the signal off for this site if you want to decide here.
ask-signal-adpc = Your browser withdraws every consent for you (ADPC), and it is followed: a yes here would change nothing. Change it in your browser if you want to decide here.
ask-said-given = Your choices are saved. You can take them back at any time, right here.
ask-said-refused = Your refusal holds from now on. Nothing that rests on your consent is done any more.
ask-said-stale = Nothing was changed: the form did not come from this page, or the notice has a newer version. Please read it and answer again.
ask-nothing = This site asks for no consent, and does nothing that would need it.
ask-failed = Your answer could not be saved. Nothing was changed; please try again.
ask-cookie = A cookie remembers your answer for six months, yes or no alike. There is none before you answer.
