# Words of the person’s own page, English.

# The door
door-start = Your data at { $site }
door-start-words = Here you see what { $site } knows about you, what was decided with it and why, and you can change, take home or erase it.
door-start-how = You come in by a link from { $site }. There is no password.
door-start-how-mail = You come in by a link from { $site }, or by a link in an e-mail. There is no password.
door-continue = Your data at { $site }
door-continue-words = This link opens your own page at { $site }, once. If somebody else sent it to you and you did not expect it, close this window.
door-open = Open my page
door-ended = This link no longer opens
door-ended-words = It was used already, or its time is over. Nothing was changed. Ask for a new one.
door-sent = Look into your mailbox
door-sent-words = If this address is known here, a link is on its way to it. It opens once and not for long. We do not say here whether an address is known, to protect whoever it belongs to.
door-left = You are out
door-left-words = Your session has ended on this and every other window. You can come back by a new link at any time.
door-erased = Everything about you was erased
door-erased-words = Your key was destroyed, and with it every copy of your data here became unreadable. Your identifiers are remembered only as scrambled values that lead to nobody.
door-erased-proof = Your receipts go on proving what they proved.
certificate-title = The certificate of it
certificate-says = It says: on { $day }, the data of one person was erased here.
certificate-log = It proves that this stands in the public log, and whoever has it can check that without us. The proof is in the file, together with the key it is checked with.
certificate-nobody = It holds no name, no address, no identifier: nobody can tell from it that it was you.
certificate-keep = Keep it if you may want to show that your request was carried out. We cannot look it up for you later, since nothing here leads to you any more.
certificate-get = Download the certificate
door-address = Your e-mail address
door-address-note = It is used to send you the link and for nothing else.
door-send = Send me a link
door-footer = This page uses one cookie, for as long as you are in. No tracker, no script, nothing from elsewhere.
mail-subject = Your page at { $site }
mail-opening = You asked for a link to your own page at { $site }. There you see what is known about you, and you can change, take home or erase it.
mail-until = { $minutes ->
    [one] The link opens once, within { $minutes } minute.
   *[other] The link opens once, within { $minutes } minutes.
}
mail-unasked = If you did not ask for it, you need not do anything: without this link nobody gets in.

# The page
me-title = Your data, your choices
me-lead = Everything this site keeps about you, why, and until when. Each change takes effect with the very next decision.
me-contents = On this page
me-leave = Leave my page
me-nothing = Nothing is known about you here
me-nothing-words = No data is kept under the name by which you came. If you refuse something here, only that refusal is kept, so that nobody asks again.
me-switch-off = Switch all personalisation off
me-switch-off-effect = With one click nothing you see is chosen from your history any more, nobody places you in groups, and nobody foresees what you will buy.
me-switch-paused = Personalisation is paused while a human looks at a decision for you.
me-switch-on-effect = What you see is the same for everybody. Nothing about you is opened to make it.
me-gpc = Your browser asks not to be tracked (Global Privacy Control). That counts until you allow a purpose here yourself.
me-answer = Your answer:
me-allow = Allow
me-refuse = Refuse
me-withdraw-all = Take back everything I allowed
me-evidence = The proof of this answer
me-others = Without your consent
me-others-words = These uses rest on the law, or on what you ordered. Nobody may use them for anything else, and you can object or restrict them below.
me-traits-none = Nothing you said about yourself is kept.
me-correct = Save
me-remove = Remove
me-mute = Never show me this
me-unmute = Show me this again
me-muted = What you never want to see
me-counts = How often you did what
me-count = { $times } in all, on { $days ->
    [one] { $days } day
   *[other] { $days } different days
}; last on { $day }
me-inferred = What was inferred about you
me-inferred-none = Nothing else is kept. What a program infers is computed anew for each list and forgotten; the timeline below shows from what.
me-until = Not used any more after { $day }.
me-moment = { $day }, { $time } UTC
age-unknown = Your age is not known. No profile is made of people of unknown age on pages for children.
age-adult = You are known to be of age; your date of birth is not kept.
age-minor = You are known to be under age: no profile of you is made, whatever else is allowed.
age-title = Your age
age-own-adult = You said that you are of age, and the site says so too.
age-own-adult-waits = You said that you are of age. The site has not confirmed it, so the stricter of the two words still counts: that protects children, who could say the same.
age-own-minor = You said that you are under age. That counts, whatever the site says, until you take it back.
age-say-adult = I am of age
age-say-minor = I am under age
age-say-nothing = Take back what I said
age-rule = Nobody asks for your date of birth. If you say that you are under age, it counts at once. If you say that you are of age, it counts once the site confirms it.
age-said-adult = of age
age-said-minor = under age
age-said-unknown = nothing
joined-title = Your visits without signing in
joined-since = Joined to you since { $day }: what was done there counts as yours, and its decisions are in your timeline.
joined-until = You can part the two again until { $day }.
joined-for-good = The time to part the two is over; you can still remove single things, or erase everything.
joined-part = Part them again
join-words = This browser was here without signing in. If all of those visits were yours, and nobody else uses this browser, you may join them to what is known of you. For each purpose the stricter answer of the two counts, nothing becomes allowed by it, and for 30 days you can part the two again.
join-do = These two are me: join them
choice-since = Since { $day }, by way of { $source }.
choice-until = It lasts until { $day }.
choice-soft = You bought something here and did not refuse, so the law lets the shop write to you about similar things. One click on “Refuse” ends it.
choice-contested = A human is looking at a decision of this kind at your request: until they answer, no program makes another one about you.
own-notice-title = What you are asked here
own-notice-text = { $controller } asks you here, on your own page at { $site }. Each purpose is a choice of its own, a yes lasts six months, and a no costs you nothing. You take a yes back with one click in the same place; what was permitted by it alone is removed then.
own-personalise = What you see is chosen from what you looked at and bought here. Each list tells its reasons.
own-segment = You may be counted in groups that the team has defined, such as “bought twice this year”.
own-train = Your history counts in the sums over many people from which the program learns what goes with what. If you take it back, your part is taken out again exactly.
own-predict = It is estimated from the dates of your purchases when you might buy again.
own-market-by-email = You may be sent offers by e-mail. One click here ends them.
own-market-by-sms = You may be sent offers by text message. One click here ends them.
own-market-by-push = You may be sent offers as notifications on your device. One click here ends them.
own-measure = You are counted in the sums that say what is read and bought, without anybody looking at you alone.
source-me = this page

# What was just done
said-on = Personalisation is on. You can switch it off here at any time.
said-off = All personalisation is off. The next list is already made without you.
said-allowed = Allowed. You can refuse again here at any time.
said-refused = Refused. It holds from this moment, and nobody will ask you again.
said-withdrawn = Everything you had allowed is taken back, from this moment.
said-forgotten = It is no longer in your history.
said-muted = You will not be shown this again.
said-unmuted = It may be shown to you again.
said-corrected = Corrected. If the old value is sent again, it is ignored.
said-removed = Removed. It will not be kept again until you give it yourself.
said-age = Noted. Beside your age stands what counts now.
said-age-none = What you said of your age is taken back.
said-joined = Joined. You find the decisions of those visits in your timeline, and can part the two again for 30 days.
said-parted = Parted again. What you refused meanwhile stays refused for both.
said-not-joined = Nothing was changed: these two cannot be joined or parted.
said-too-late = Nothing was changed: they were joined too long ago to be parted.
said-not-possible = Nothing was changed: this value cannot be kept here.
said-objected = Your objection is recorded and holds from this moment.
said-no-objection = Your objection is taken back.
said-restricted = Your data is now only kept: nobody uses it.
said-unrestricted = Your data may be used again, within what you allowed.
said-review = A human will look at this decision and answer you. The period is shown under your requests; until then no program makes another decision of this kind about you.
said-stale = Nothing was changed: the page was too old. Please try again.
said-nobody = Nothing was changed: nothing is known about you here.

# The timeline
timeline-title = What happened
timeline-words = Each entry was recorded before you saw it, and can be proven.
timeline-none = Nothing yet.
timeline-why = Why?
timeline-older = Earlier entries
timeline-visitor = as a visitor
timeline-newest = Back to the newest
event-list = { $count ->
    [one] { $count } thing was chosen for you
   *[other] { $count } things were chosen for you
}
event-list-contextual = { $count ->
    [one] { $count } thing was shown, the same for everybody
   *[other] { $count } things were shown, the same for everybody
}
event-list-names = Such as: { $names }.
event-choice = You made a choice, or your browser did for you
event-access = { $count ->
    [one] You looked at this page
   *[other] You looked at this page { $count } times
}
event-staff = { $by } of the team opened your data { $purpose }
event-staff-reason = Their reason: “{ $reason }”
event-staff-refused = { $by } of the team asked for your data { $purpose }, and was refused
event-refused-why = Refused because: { $why } Nothing was opened.
event-joined = Visits without signing in were joined to you
event-joined-until = They can be parted from you again until { $day }.
event-parted = Visits without signing in were parted from you again
event-audit = One of your records was checked { $purpose }
event-audit-why = It was compared with the public log, and the decision in it was made again, to see that everything is as it was recorded.
event-right = Your request “{ $right }”: { $status }
event-export = A copy of your data was made for you
event-other = Recorded: { $kind }
act-forget = You took “{ $about }” out of your history
act-mute = You never want to see “{ $about }”
act-unmute = “{ $about }” may be shown to you again
act-object = You objected to profiling
act-object-no-longer = You took your objection back
act-restrict = You had your data restricted
act-restrict-no-longer = You lifted the restriction of your data
act-correct = You corrected “{ $about }”
act-remove-trait = You removed “{ $about }”
act-say-age = You said of your age: { $about }
act-contest = Paused while a human looks at a decision at your request: { $about }
act-contest-ended = The human review has ended, and no longer paused is: { $about }

# A decision
decision-title = Why you were shown this
decision-back = Back to your page
decision-items = The list
decision-reasons = All reasons
decision-change = What would have changed it
decision-without = Without “{ $item }” in your history, these would have been in the list: { $names }.
decision-without-same = Without “{ $item }” in your history, the list would have had the same things, in another order at most.
decision-unexplained = The model that made this list, or the catalogue it chose from, is no longer kept here, so its reasons cannot be computed again. The receipt holds all it was made from.
decision-earlier = This list was made by an earlier model, which has been replaced since. The reasons below are computed with that earlier model, as it was.
decision-not-the-same = Computed again with the model that made it, this list does not come out as it was recorded, so no reasons are given for it. The receipt holds all it was made from; ask a human if it matters to you.
review-words = No decision here has a legal effect on you. You may ask that a human looks at it all the same; you get an answer within a month. Until then no program makes another decision of this kind about you: what you see meanwhile is the same for everybody.
review-ask = Ask a human to look at it

# Rights
rights-title = Your rights
requests-title = Your requests
request-open = { $status }; received on { $received }, answered by { $due } at the latest.
request-ended = { $status }; received on { $received }.
right-access = access
right-portability = taking data home
right-rectification = correction
right-restriction = Only keep my data, do not use it
right-objection = objection
right-erasure = Erase everything
right-withdraw-all = taking back all consents
right-human-review = A human looks at a decision
right-take = Take your data home
right-stop = Object
right-complain = Talk to somebody, or complain
status-open = received
status-need-verification = waits for you to show who you are
status-in-progress = being worked on
status-fulfilled = done
status-revoked = taken back by you
status-expired = ended without an answer from you
status-denied = refused
me-download-json = Download (JSON)
me-download-csv = Download (table)
me-object = Object to profiling
me-object-no-longer = Take this objection back
me-objected = You object to profiling: it does not happen.
me-marketing-stop = No more marketing
me-marketing-again = Take this back
me-objected-marketing = You object to marketing: you get none, by any channel.
me-restrict = Restrict my data
me-restrict-no-longer = Lift the restriction
me-restricted = Your data is only kept; nobody uses it.
me-erase = Erase everything about me…
me-contact = People who answer for your data:
erase-title = Erase everything about you?
erase-what = If you go on, this happens at once:
erase-known = Your history, what you said about yourself and all your choices are destroyed, in every copy.
erase-learned = What was learned from many people is corrected: your part is taken out of it.
erase-log = In the public log there remain only entries that name nobody and that nobody can connect with you.
erase-final = It cannot be undone. If you have an account or open orders with the site, they go on there.
erase-download = Download your data first
erase-do = Erase everything
erase-keep = Keep my data

# Lessons
lesson-authority = If your right is not respected, turn to
lesson-consent = Your right to say no, and to change your mind
lesson-consent-words = A consent counts only if you gave it freely, for one purpose, knowing what for; silence is no consent. You may take it back at any time, as easily as you gave it. Nothing may be held against you for it.
lesson-consent-law = GDPR art. 4(11), 6(1)(a) and 7
lesson-rectification = Your right to have errors corrected
lesson-rectification-words = What is kept about you has to be right. You may correct or complete it, and those who received it must be told. Here a correction stays, even if a source goes on sending the error.
lesson-rectification-law = GDPR art. 5(1)(d), 16 and 19
lesson-explanation = Your right to know how a program decided
lesson-explanation-words = Where a program decides about you, you may know the logic: which of your data it used, how much each weighed, and what would have changed the outcome. A general formula is not enough; it has to be about your case. For decisions that weigh on you, a human must be reachable.
lesson-explanation-law = GDPR art. 13(2)(f), 15(1)(h) and 22; Court of Justice C-203/22
lesson-access = Your right to see it and to take it with you
lesson-access-words = You may have a copy of everything kept about you, free of charge, within a month; here you have it at once. The first file is made for programs, so that you can hand it to another service. The table opens in any spreadsheet.
lesson-access-law = GDPR art. 12, 15 and 20
lesson-restriction = Your right to freeze your data
lesson-restriction-words = While you dispute something, you may ask that your data is kept but not used. Nothing is lost, and you decide when it goes on. You are told before a restriction ends.
lesson-restriction-law = GDPR art. 18
lesson-objection = Your right to object
lesson-objection-words = To marketing you may object at any time without a reason, and then it has to stop, whoever does it and by whatever channel. To other uses that rest on an interest of the shop you may object for reasons of your own. Your browser may say it for you.
lesson-objection-law = GDPR art. 21
lesson-erasure = Your right to be forgotten
lesson-erasure-words = You may have your data erased, and whoever kept it must see to it that copies go too. Some things must be kept by law for a while, such as invoices; they stay with the site, and not here. You get a proof.
lesson-erasure-law = GDPR art. 17 and 19
lesson-complaint = Your right to complain
lesson-complaint-words = You may complain to a supervisory authority, in the country where you live, work, or where it happened. It is free, you need no lawyer, and it must tell you what becomes of it. You may also go to court, or let an association do it for you.
lesson-complaint-law = GDPR art. 77 to 80
