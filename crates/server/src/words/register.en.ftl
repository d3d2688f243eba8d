# Words of the public register, English.

register-title = Public register
register-lead = What { $site } does with people’s data, by which rules, and how it keeps its word. Nothing on this page is about one person.
register-as-of = As of { $day }. Software: Égard { $version }.
register-contents = On this page
register-controller = Responsible
register-authority = Complaints go to
register-unsaid = not said in the settings
register-json = This register as JSON
register-schema = its schema
register-back = Back to the register
register-footer = This page sets no cookie, runs no script and loads nothing from elsewhere.
register-link = Public register

# Purposes
register-purposes = What data is used for
register-purposes-words = Each use of a person’s data names one of these purposes and sees what stands here, nothing more. Another use is refused by the software.
register-legal-basis = Legal basis
register-sees = Sees
register-looks-back = Looks back
register-days = { $count ->
    [one] at most { $count } day
   *[other] at most { $count } days
}
register-term = Term (W3C DPV)
register-declared = Declared for it here
register-declared-none = nothing
register-special = special category
register-events-kept = { $count ->
    [one] Raw events are kept for { $count } day.
   *[other] Raw events are kept for { $count } days.
}
basis-consent = your consent (GDPR art. 6(1)(a))
basis-contract = the contract with you (GDPR art. 6(1)(b))
basis-obligation = a legal obligation (GDPR art. 6(1)(c))
basis-interest = a legitimate interest (GDPR art. 6(1)(f))
sees-service = orders
sees-personalise = products viewed, put into a basket and bought; products you never want to see; how open you want lists to be, and what you say of topics
sees-segment = products viewed, put into a basket and bought; declared traits; declared events with their plain fields, and when they happened; purposes consented to; groups and journeys the person is in
sees-train = products viewed, put into a basket or bought, and the day of each
sees-all = all that is known of the person
sees-predict = the first and the last day of an order, and on how many days there was one
sees-email = traits declared for e-mail, such as the address
sees-sms = traits declared for text messages, such as the number
sees-push = traits declared for notifications, such as the device
sees-measure = daily counts of declared events
sees-help = products and traits declared for help, such as orders
sees-secure = how many identifiers lead to the person, when something last came in, daily counts of declared events

# Recipients
register-recipients = Who receives data
register-recipients-none = No recipient is declared.

# Rules
register-rules = Which rules hold, and since when
register-rules-words = The charter is the law that the software obeys. The dictionary says which data may come in. Each change is an entry of the public log, and its text is kept under its hash.
program-charter = Charter
program-dictionary = Data dictionary
program-catalogue = Catalogue
program-none = nothing was in force
register-since = since { $day }
register-from-to = from { $from } to { $to }
register-leaf = entry { $leaf } of the log
register-leaf-none = its log entry is being written
register-read = Read it
register-changed = What changed
register-in-force = in force

# Notices
register-notices = What people are told before they choose
register-notices-none = No notice is published: nobody is asked for consent here.
register-notice = { $id }, version { $version }
register-notice-valid = { $count ->
    [one] A consent lasts { $count } day, then people are asked again.
   *[other] A consent lasts { $count } days, then people are asked again.
}
register-notice-asks = Asks for

# Models
register-models = Models
register-models-words = A model is learned from people who permit it, and learned anew without whoever goes. Of each day, the last one is listed.
register-models-none = No model was ever in force.
register-model-gone = no model was in force
register-people = At least { $people } people count in it.
register-people-few = Fewer than { $people } people count in it.
register-budget = Privacy budget
register-budget-spent = ε = { $epsilon }, δ = { $delta } (μ = { $mu }) for one person more or less; { $items } products have ties
register-budget-few = ε = { $epsilon }, δ = { $delta } (μ = { $mu }) for one person more or less; people were too few for ties between products: it is popularity and the categories of the catalogue
register-training = What models may give away of a person
register-training-declared = A model is learned with noise, so that whether one person takes part hardly shows (differential privacy). One model may give away ε = { $each }, all models that ever are ε = { $all } together, and between two lie at least { $days } days.
register-training-none = Nothing is declared any more: models are learned without noise, and whoever goes is taken out of them exactly.
register-training-spent = So far ε = { $spent } was given away.
register-training-left = Left is ε = { $left }: { $count ->
    [one] one more model
   *[other] { $count } more models
}. Nothing is learned beyond that.
register-training-table = Models that were released with noise
register-training-day = Day
register-training-people = People, with noise
register-training-sum = ε so far
register-budget-none = no noise is added; a product has weights only where at least { $least } people are behind it
register-gauges = How open lists are
register-gauges-words = For each placement, the last day that is over and on which { $people } people or more were shown lists made from their history. Each counts once. Noise lies on every figure, so that whether one person was there hardly shows; it is drawn once and for all.
register-gauges-none = No day is told yet.
register-gauges-people = People, at least
register-items = { $count ->
    [one] It knows { $count } product.
   *[other] It knows { $count } products.
}
register-more = More about it

# Rights
register-rights = Rights: requests and answers
register-rights-words = Counted by calendar quarter. A quarter is told when it is over, and its answers when the next one is over, because by then the time allowed for each has ended.
register-rights-none = No quarter is over yet since this register exists.
register-received = { $count ->
    [one] { $count } received
   *[other] { $count } received
}
register-received-few = Fewer than { $least } received of each: { $rights }.
register-total = All together: { $count }.
register-total-hidden = The sum is not told: it would give a small number away.
register-answers-from = What became of them is told from { $day } on.
register-half = { $count ->
    [one] half of them answered within { $count } day
   *[other] half of them answered within { $count } days
}
register-worst = { $count ->
    [one] all within { $count } day
   *[other] all within { $count } days
}
register-late-none = none late
register-late-few = late: at least one, fewer than { $least }
register-late-some = late: some
register-late-count = late: { $count }
register-late-most = late: all but a few
register-late-all = late: all
register-outcome-all = Of all together
register-erased = { $count ->
    [one] { $count } history erased, its key destroyed.
   *[other] { $count } histories erased, their keys destroyed.
}
register-erased-few = Fewer than { $least } histories erased.
register-small-numbers = Small numbers
register-small-words = A count below { $least } is not told, nought like { $most }. A sum is told only where it leaves every such count open. People behind a model are told in steps of 1, 2 and 5, rounded down, and not below { $people }. A request that was not answered counts with the time that has passed.
register-right-access = Access
register-right-portability = Portability
register-right-rectification = Correction
register-right-restriction = Restriction
register-right-objection = Objection
register-right-erasure = Erasure
register-right-withdraw-all = Taking back all consents
register-right-human-review = Review by a human

# Honesty of messages
register-honesty = Honesty of messages
register-honesty-words = Before a message can be sent, a check looks for pressure, shame and claims without facts. A team may keep a sentence that the check stops, with a reason and a second person’s approval. A deadline that people were told is moved later only with a reason.
register-overridden = Checks that were overridden
register-overridden-none = None.
register-override = message “{ $message }”
register-override-by = Put in force by: { $by }. Approved by a second person: { $second }.
register-override-alone = Put in force by: { $by }. No second person approved it.
register-reason = Reason given by the team: { $reason }
register-reason-none = No reason was given.
register-nobody = somebody who is not in the team now
register-moved = Deadlines that were moved
register-moved-none = None.
register-moved-deadline = deadline “{ $deadline }”
register-moved-to = It was { $before }, and is { $after }.
register-moved-gone = It was { $before }, and was taken out.
register-moved-told = Messages had told it: { $messages }.

# Audits
register-audits = Audits
register-audits-words = An audit makes recorded decisions again, byte by byte, and checks each against the consent of its moment.
register-audits-none = No audit has been carried out yet.
register-audit = { $sample } of { $population } records looked at; { $findings ->
    [0] nothing found
    [one] { $findings } finding
   *[other] { $findings } findings
}

# The log
register-log = The log, and how to check it
register-log-words = Every decision, choice and change is an entry of a log that can only grow. What it signed once it cannot take back: whoever keeps a checkpoint can see later that nothing was rewritten.
register-log-name = Name
register-log-key = Key
register-log-entries = Entries
register-log-root = Root
register-log-checkpoint = Checkpoint
register-cosigned = Signed also by
register-cosigned-none = nobody else yet
register-verify = To check a receipt
register-verify-words = Take the receipt of a decision from your own page and check it without a network, with this key:
register-verify-log = To check the whole log, ask for a copy of it as a folder:
register-verify-artefact = To check a charter: the SHA-256 of its text is its name.

# Sub-pages
charter-title = Charter
charter-words = The rules as they were in force. What no rule permits does not happen; a rule that forbids stands above every rule that permits.
charter-text = The text, to the byte
charter-forbids = forbids
charter-permits = permits
charter-rules = Rules
charter-promises = Promises
charter-promises-words = The most that may ever be allowed, written apart from the rules and proved against them.
charter-rule-text = Its text
diff-title = What changed
diff-words = From { $from } to { $to }.
diff-same = Nothing changed.
diff-added = Added
diff-removed = Removed
diff-changed = Changed
diff-before = Before
diff-after = After
diff-files = Files that read differently, comments included
dictionary-title = Data dictionary
dictionary-words = What is not declared here is dropped where it comes in.
dictionary-event = event
dictionary-trait = trait
model-title = Model
model-made = Made on { $day }.
model-data = Data
model-charter = Charter
model-training = How it was learned
model-parameters = How it scores
