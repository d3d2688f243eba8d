# Words of the team’s pages, English.

team-title = Team
team-pages = Pages
team-overview = Overview
team-program = Program
team-segments = Segments
team-journeys = Journeys
team-person = Open a person’s data
team-members = Members
team-leave = Sign out
team-footer = These pages work without script and load nothing from elsewhere. They set one cookie, which ends with your session.
team-sign-in = Sign in
team-sign-in-words = For members of the team. Whoever wants to see their own data is on the page “My data”.
team-name = Name
team-password = Password
team-code = Code
team-code-words = Six digits from your authenticator, or one of your recovery codes.

# What was done
team-said-wrong = Name, password and code do not go together. A code is good once: wait for the next one.
team-said-too-often = There were too many tries. Come back in a quarter of an hour.
team-said-stale = Nothing was done: the form was not from this session. Please try again from here.
team-said-left = You are signed out.
team-said-applied = The program is in force.
team-said-forward = The program waits for a second person to approve it.
team-said-approved = You approved the program. It can be put in force now.
team-said-taken-back = The program does not wait any more.
team-said-put-back = The earlier program is in force again.
team-said-changed = Nothing was done: this is not the program you looked at any more. Please look again.
team-said-deadline-moved = Nothing was done: a deadline that people were told is later now. Say why in program.yaml under moved_because.
team-said-overtaken = Nothing was done: another program came into force meanwhile. Please look again.
team-said-same-person = Nothing was done: whoever put a program forward cannot approve it.
team-said-not-asked = Nothing was done: this program does not wait any more.
team-said-nothing-before = Nothing was done: this program was never in force.
team-said-damaged = Nothing was done: the program is not kept any more, or is not what it was.
team-said-not-yourself = Nothing was done: nobody changes themselves. Ask another member who may.
team-said-role-changed = The role is changed, and all sessions of this member have ended.
team-said-sessions-ended = All sessions of this member have ended.
team-said-member-removed = The member is removed, and all their sessions have ended.
team-said-no-member = Nothing was done: there is no such member any more.

# Roles
team-role = Role of
team-role-marketer = Marketing
team-role-privacy-officer = Data protection
team-role-admin = Administration
team-role-unknown = a role this version does not know
team-refused = Not with your role
team-refused-words = Your role is { $role }, and this is not part of it. Nothing was done.
team-hello = You are { $name }. Your role: { $role }.
team-you-may = What you may do
team-you-may-words = Every sign-in, every change of the team and every program is in the transparency log, without names.
team-do-see = See programs, segments and journeys. People are counted here, and not shown.
team-do-put-forward = Put a program in force, or forward if a second person must look.
team-do-approve = Approve a program that somebody else put forward.
team-do-take-back = Take back a program that waits.
team-do-put-back = Put an earlier program in force again.
team-do-simulate = Hand in what a simulation of a program came to.
team-do-open-person = Open one person’s data for a purpose and a reason, which that person sees.
team-do-run-team = See the members, change roles, end sessions, remove members.

# The program
team-in-force = In force
team-none-in-force = No program is in force yet.
team-broken = This program cannot be read: it is not kept any more, or this version does not take it.
team-dictionary-waits = Its data dictionary is another one than the server works by: it takes effect at the next start. Segments and journeys act already.
team-too-large = For somebody, segments and journeys come to more than the 64 KiB that are kept of a person. Whoever it is stays where they were until something about them changes, and nothing is sent to them meanwhile. Take segments or journeys out of the program.
team-to-program = To the program
team-number = Number { $number }
team-applied = Put in force on { $when } by { $by }.
team-applied-approved = Put in force on { $when } by { $by }, approved by { $second }.
team-moment = { $day }, { $time } UTC
team-count-segments = { $count ->
    [one] { $count } segment
   *[other] { $count } segments
}
team-count-journeys = { $count ->
    [one] { $count } journey
   *[other] { $count } journeys
}
team-count-steps = { $count ->
    [one] { $count } step
   *[other] { $count } steps
}
team-count-waiting = { $count ->
    [one] { $count } program waits for a second person
   *[other] { $count } programs wait for a second person
}
team-files = Its files
team-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
team-back-to-program = Back to the program
team-back-to-files = Back to the files
team-back-to-journeys = Back to the journeys
team-folder = The folder
team-folder-none = The settings name no folder to work on: set folder in [program].
team-folder-unreadable = The folder cannot be read: { $problem }
team-folder-faulty = { $count ->
    [one] { $count } fault: this program cannot be put in force.
   *[other] { $count } faults: this program cannot be put in force.
}
team-folder-same = What lies in the folder is in force.
team-folder-new = What lies in the folder has no fault and is not in force.
team-faults-words = Part of what the checker says is in English.
team-warning = look at this
team-error = fault
team-diff = What is different from what is in force
team-diff-first = It would be the first.
team-diff-none = Nothing is different.
team-diff-added = { $file } is new
team-diff-removed = { $file } is gone
team-diff-changed = { $file } is different
team-diff-value = { $path }: was { $before }, is { $after }
team-diff-value-new = { $path }: is new, { $after }
team-diff-value-gone = { $path }: is gone, was { $before }
team-diff-lines = Lines of text: { $removed } gone, { $added } new
team-diff-layout = Comments and layout only
team-second-person = A second person must approve it before it comes into force.
team-put-forward = Put forward
team-apply = Put in force
team-approve = Approve
team-take-back = Take back
team-put-back = Put in force again
team-own = You put it forward, so another member must approve it.
team-waiting = Waiting for a second person
team-waiting-none = Nothing waits.
team-waits-by = Put forward by { $by }.
team-waits-approved = Approved by { $by }.
team-history = History
team-current = in force

# Segments and journeys
team-segments-words = Only people who agreed to be placed in groups are in a segment.
team-counted-at = Counted on { $when }, rounded; small numbers are not told.
team-counted-never = Nothing was counted of this program yet.
team-about = { $count ->
    [one] about { $count } person
   *[other] about { $count } people
}
team-fewer = { $count ->
    [one] fewer than { $count } person
   *[other] fewer than { $count } people
}
team-not-counted = not counted yet
team-state-running = running
team-state-paused = paused
team-state-closing = closing: nobody enters any more
team-journey-purpose = Purpose: { $purpose }. Who does not permit it does not enter, and leaves when they withdraw it.
team-drawing = The journey as a drawing; the same stands below in words
team-steps = The steps in words
team-entry = Entry:
team-way = then { $to }
team-way-when = { $when }: to { $to }
team-way-out = then out
team-way-when-out = { $when }: out

# One person
team-person-words = You see what the purpose may see, and nothing else. The person reads on their page that you looked, when, for what and why; the log has a leaf of it. If the charter refuses, that is recorded too.
team-person-who = The site’s identifier of the person
team-person-purpose = Purpose
team-person-rights = Answer a request about their rights
team-person-help = Help them: they talk to us
team-person-secure = Protect the service from abuse
team-person-reason = Reason
team-person-reason-words = A sentence of at least ten letters. The person reads it.
team-person-open = Open
team-person-opened = What the purpose may see
team-person-recorded = Recorded as { $record }, and on the person’s own page.
team-person-unclear = Nothing was opened: name a person, and a reason of 10 to 500 letters.
team-person-refused = Nothing was opened: the charter refuses. It answers alike for people nobody knows.

# Members
team-members-words = New members, passwords and second factors are made at the command line: egard team add, egard team reset. Nobody changes themselves here.
team-since = since { $day }
team-codes-left = { $count ->
    [one] { $count } recovery code left
   *[other] { $count } recovery codes left
}
team-set-role = Change the role
team-end-sessions = End all sessions
team-remove = Remove

# Who is in a segment
group-all = All of this is so:
group-any = At least one of these is so:
group-not = This is not so:
group-sequence = One after the other, within { $span }, { $window }:
group-consent = Agreed to the purpose { $purpose }
group-member = Is in the segment “{ $title }”
group-declared = { $line } (as the person or the site said)
group-observed = { $line } (as a journey noted)
group-inferred = { $line } (as was reckoned)
group-exists = “{ $name }” is known
group-is = “{ $name }” is { $value }
group-one-of = “{ $name }” is one of { $value }
group-contains = “{ $name }” contains { $value }
group-starts = “{ $name }” starts with { $value }
group-number = “{ $name }” is { $value }
group-before = “{ $name }” lies before { $value }
group-after = “{ $name }” lies on { $value } or after
group-within = “{ $name }” lies less than { $value } back
group-anniversary = { $count ->
    [one] The day of “{ $name }” comes within { $count } day
   *[other] The day of “{ $name }” comes within { $count } days
}
group-event = { $what } happened, { $window }
group-event-count = { $what } happened { $compared } times, { $window }
group-event-sum = { $what }: the sum of “{ $field }” is { $compared }, { $window }
group-event-last = Days since the last { $what }: { $compared }
group-event-first = Days since the first { $what }: { $compared }
group-items-any = items
group-items-categories = items of { $all }
group-items-these = items among { $all }
group-items-viewed = { $count ->
    [1] Viewed { $which }, { $window }
   *[other] Viewed at least { $count } { $which }, { $window }
}
group-items-added = { $count ->
    [1] Put { $which } in the cart, { $window }
   *[other] Put at least { $count } { $which } in the cart, { $window }
}
group-items-bought = { $count ->
    [1] Bought { $which }, { $window }
   *[other] Bought at least { $count } { $which }, { $window }
}
group-where = { $event } where { $fields }
group-at-least = at least { $number }
group-at-most = at most { $number }
group-more-than = more than { $number }
group-less-than = less than { $number }
group-exactly = exactly { $number }
group-ever = at any time that is kept
group-last = less than { $span } ago
group-from = since { $from }
group-from-to = from { $from } until before { $to }
group-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
group-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
group-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
group-weeks = { $count ->
    [one] { $count } week
   *[other] { $count } weeks
}
group-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
group-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
group-yes = yes
group-no = no
group-quoted = “{ $text }”

# Simulations
team-simulations = Simulations
team-simulation = A simulation
team-simulations-words = What a program would do to people before it does it to anybody: made-up people live with it for a while, by the same code as on the server. Simulate where you write the program, and hand the file in here; it is shown beside the very program it is of.
team-simulation-file = The file
team-simulation-file-words = As egard simulate --json writes it, at most 256 KiB. Its figures are of made-up people and hold nothing of anybody.
team-simulation-hand-in = Hand in
team-simulation-programs = Programs
team-simulation-none = There is no program yet.
team-simulation-look = Look at it
team-simulated-on = Simulated with { $people } people, handed in on { $when }.
team-simulated-not = Not simulated yet.
team-stands-in-force = in force
team-stands-waits = waits for a second person
team-stands-folder = in the folder
team-stands-before = was in force
team-back-to-simulations = Back to the simulations
team-simulation-made-up = These people are made up, so the numbers are exact and hide nobody. They are as good as what was assumed of people.
team-as-table = As a table
team-said-simulated = The simulation is kept beside its program.
team-said-no-simulation = Nothing was kept: this is no file of egard simulate --json.
team-said-simulation-unknown = Nothing was kept: the file is of a program that is not in force, does not wait and does not lie in the folder. Simulate the program as it is now.
team-said-simulation-unfitting = Nothing was kept: the figures do not fit the days of the simulation. Simulate again.
team-sim-people = People
team-sim-permitting = Agreed to groups at first
team-sim-withdrawals = Took that back
team-sim-days = Days
team-sim-weeks-head = Weeks
team-sim-begins = Begins on
team-sim-seed = Seed
team-sim-handed-in = Handed in
team-sim-messages = Messages
team-sim-messages-words = How many of each message go out, by day, or by week when it is long.
team-sim-sent-by-day = “{ $of }”: sent
team-sim-sent = Sent
team-sim-a-day = A day
team-sim-most = Most in a day
team-sim-load = How often people are written to
team-sim-load-words = Of each person and each week: how many messages. Whoever gets none is in the table and not drawn.
team-sim-load-title = Weeks of people, by messages in the week
team-sim-load-says = A bar for each number of messages in a week; the table has the figures.
team-sim-in-a-week = Messages in a week
team-sim-weeks = Weeks of people
team-sim-most-in-a-week = Most that anybody gets in a week
team-sim-more = more
team-sim-refused = What is not sent, or later
team-sim-refused-words = What the program asked for, judged as a server judges it: by people’s choices and terms, by the program’s caps and quiet hours.
team-sim-never-title = Never sent
team-sim-later-title = Sent later, or still waiting
team-sim-wanted = Journeys wanted to send
team-sim-together = Of those sent, several in one
team-sim-waiting = Still waiting at the end
team-sim-refused-says = A bar for each reason, the most frequent first; the table names them.
team-sim-refused-first = most
team-sim-refused-last = fewest
team-sim-reason = Reason
team-sim-times = Times
team-refused-left = Left a journey: not permitted any more
team-refused-withdrew = Left a journey: groups not permitted any more
team-sim-journeys = Journeys
team-sim-journeys-words = How many are under way at the end of each day, and how long it takes until somebody is written to.
team-sim-present = “{ $of }”: under way
team-sim-entered = Entered
team-sim-held-out = Held out
team-sim-goals = Reached the goal
team-sim-goals-held-out = Reached it, held out
team-sim-contacted = Written to
team-sim-first-median = First message: half within
team-sim-first-p90 = First message: nine in ten within
team-sim-endless = Never end: give the loop a way out
team-sim-first-contact = “{ $of }”: first message
team-sim-first-contact-says = A bar for each length of time: which share was written to within it.
team-sim-within = Within
team-sim-share = Share
team-sim-segments = Segments
team-sim-segments-words = How many are in each at the end of each day.
team-sim-size = “{ $of }”: people in it
team-sim-at-first = At first
team-sim-came = Entered
team-sim-went = Left
team-sim-day = Day { $number }
team-sim-week = Week { $number }
team-sim-number = Number
team-sim-most-says = The most is { $most }; the table has every value.
team-left-finished = Ended: finished
team-left-goal = Ended: goal reached
team-left-condition = Ended: did not fit any more
team-left-not-permitted = Ended: not permitted any more
team-left-step-gone = Ended: the step is gone
team-left-journey-gone = Ended: the journey is gone
team-left-held-out = Ended: time of the comparison over
team-left-withdrew = Ended: groups not permitted any more

# What a program would change
team-plan = What it would change
team-to-plan = What it would change for people
team-plan-first = Nothing is in force: this would be the first program.
team-plan-same = This very program is in force.
team-plan-other = Compared with the program in force.
team-plan-sample = Look at a sample
team-plan-sample-words = How many people the segments would have is estimated on at most 2,000 people whom nobody chose. That is written in the log before anybody is looked at, and nothing is kept of it.
team-plan-sampled = Estimated on a sample, between two numbers that hold with 95% confidence; small numbers are not told.
team-plan-nothing = Nothing changes.
team-plan-now = Now: { $people }
team-plan-then = Then: { $people }
team-between = { $low } to { $high } people
team-plan-segment-new = is new, and is reckoned for everybody who permits groups
team-plan-segment-changed = is reckoned anew for everybody who permits groups; nobody enters or leaves a journey by that alone
team-plan-segment-gone = ends
team-plan-journey-new = begins; what happened before starts nothing
team-plan-journey-changed = changes under the people who are in it
team-plan-journey-gone = ends: whoever is in it leaves
team-plan-step-gone = The step “{ $step }” is gone; there now: { $people }
team-plan-step-changed = The step “{ $step }” is changed; there now: { $people }
team-plan-step-new = The step “{ $step }” is new.

# A person made up
team-back-to-segments = Back to the segments
team-made = Try somebody out
team-made-words = Make a person up and see whether they would be in, and why. What you type is judged by the code that judges everybody, and is kept nowhere. Please type nobody’s real data: whoever looks after data protection opens that for a purpose, and the person sees it.
team-made-judge = Would they be in?
team-made-in = This person would be in the segment
team-made-out = This person would not be in the segment
team-made-until = If nothing happens, that changes on { $when }.
team-made-for-ever = If nothing happens, it stays so.
team-made-unknown = not known
team-made-unclear = Nothing was judged: this cannot be read: { $fields }.
team-made-event-words = Leave a line empty if it did not happen.
team-made-ago = { $number }: how many days ago
team-made-field = { $number }: “{ $field }”
team-made-items = What they did with items
team-made-item = { $number }: the item’s number
team-made-did = { $number }: what they did
team-made-viewed = viewed it
team-made-added = put it in the cart
team-made-bought = bought it
team-made-consents = What they agree to
team-why-items-viewed = This person viewed { $count ->
    [one] { $count } item
   *[other] { $count } different items
} { $which }{ $window }; { $asked } is asked for.
team-why-items-added = This person put { $count ->
    [one] { $count } item
   *[other] { $count } different items
} { $which } in the cart{ $window }; { $asked } is asked for.
team-why-items-bought = This person bought { $count ->
    [one] { $count } item
   *[other] { $count } different items
} { $which }{ $window }; { $asked } is asked for.
team-why-consent = This person agrees to the purpose: { $purpose }.
team-why-consent-none = This person does not agree to the purpose: { $purpose }.
team-why-member = This person is in the group “{ $segment }”.
team-why-member-none = This person is not in the group “{ $segment }”.

# What happened in a journey
team-flow = How often what happened
team-flow-days = { $count ->
    [one] On the ways: the last { $count } day.
   *[other] On the ways: the last { $count } days, today included. At the steps: who stands there now.
}
team-flow-since = The journey is as it is since { $when }; what was before is not counted here.
team-flow-entered = Entered
team-flow-left = Left
team-flow-held-out = Entered and held out
team-flow-goal = Reached the goal
team-flow-goal-held-out = Reached it, held out
team-flow-leave-when = Left because it did not fit any more
team-way-passed = { $way } – { $times }
team-times-about = { $count ->
    [one] about { $count } time
   *[other] about { $count } times
}
team-times-fewer = { $count ->
    [one] fewer than { $count } time
   *[other] fewer than { $count } times
}

# What was opened of a person
team-data-history = Items
team-data-traits = What is known
team-data-counts = How often, by day
team-data-identifiers = Names that lead to this person
team-data-last-at = Last heard of
team-data-groups = Groups
team-data-journeys = Journeys
team-data-nothing = Nothing.
team-data-item = { $item }: viewed { $viewed } times, put in the cart { $added } times, bought { $bought } times; last on { $when }
team-data-trait = { $name }: { $value }
team-data-count = { $event }: { $count } on { $day }
team-data-group = “{ $title }”, since { $when }
team-data-journey = “{ $title }”, at “{ $step }” since { $when }
team-data-journey-held-out = “{ $title }”, held out since { $when }
team-data-why = Why

# Messages
team-messages = Messages
team-messages-words = What the program sends. Nothing is sent from these pages: a preview is written for somebody who is made up, and goes nowhere.
team-messages-in-force = in force
team-messages-folder = in the folder
team-back-to-messages = Back to the messages
team-back-to-message = Back to the message
team-message-about = By { $channel }, for the purpose { $purpose }.
team-message-sent-by = Sent in: { $journeys }
team-message-unsent = No journey sends it.
team-message-faults = { $count ->
    [one] { $count } thing to look at in its words
   *[other] { $count } things to look at in its words
}
team-message-texts = Its texts, each to be changed and checked:
team-message-try = How it reads
team-message-try-words = Choose how the person reads and type values for them. It is written by the code that writes to everybody. Please type nobody’s real data; nothing of it is kept but the picture below, for ten minutes and for you alone.
team-message-language = Their language
team-message-tone = Their tone
team-message-channel = The way it leaves by
team-message-preview = Write it
team-message-unwritten = It would not be written
team-message-reads = So it reads
team-message-phone = On a phone
team-message-desk = On a desk
team-message-text = Without HTML
team-message-headers = Headers
team-message-headers-words = As they leave, but for the signature. Links lead nowhere here, and the addresses are nobody’s. On its way:
team-tone-own = none chosen
team-tone-plain = plain
team-tone-warm = warm
team-tone-formal = formal
team-channel-email = e-mail
team-channel-sms = text message
team-channel-push = notification
team-channel-in-app = in the app
team-unwritten-not-ready = A text of the program cannot be used: { $told }
team-unwritten-aborted = Its own words say that it is not for this person: { $told }
team-unwritten-missing = A value that its words need is missing: { $told }
team-unwritten-claim = A fact behind its words is gone: { $told }
team-unwritten-no-text = It has no words for that way and language. { $told }
team-unwritten-no-address = It is not known where to. { $told }
team-unwritten-fault = Its words cannot be made: { $told }
team-words = A text
team-words-words = Change it and see what the checker finds: claims without a fact, faults of the language, what no program may say. Nothing is saved here: take what is good back into the folder.
team-words-text = Text
team-words-check = Check
team-words-found = What the checker finds
team-found-nothing = Nothing.
team-found = { $count ->
    [one] { $count } thing
   *[other] { $count } things
}
team-found-error = Line { $line }, column { $column }: it cannot be used so
team-found-warning = Line { $line }, column { $column }: have a look

# What leaves
team-outbox = Outbox
team-outbox-words = What left, what did not and why, in numbers. Nobody is named here.
team-doubts = In doubt
team-doubts-words = The server stopped between marking these messages and the answer of the channel. Nobody knows whether they left, so they are never sent again. Look at the channel’s own log if it matters, then take them off the list.
team-doubts-none = Nothing is in doubt.
team-doubt-about = In the journey { $journey }, about to leave on { $when }; record { $record }.
team-settle = Looked at
team-do-settle = Take a message of which nobody knows whether it left off the list.
team-said-settled = It is off the list, and is not sent again.
team-said-settled-already = Somebody else had taken it off the list.
team-outbox-counts = What left and what did not
team-outbox-left = Left, by way
team-outbox-ended = Not sent, by reason
team-outbox-later = Put off, by reason
team-outbox-closed = Ways that were closed, by reason
team-outbox-nothing = Nothing.
team-last-days = { $count ->
    [one] The last day
   *[other] The last { $count } days, today included
}
team-code-no-purpose-consent = The person does not permit it
team-code-minor = The person is a minor, or may be one
team-code-objected = The person objected
team-code-restricted = The person’s data only rests
team-code-under-review = A human looks at decisions of that kind
team-code-suppressed = The way is closed: a dead address, a complaint, or the person left it
team-code-paused = The person paused everything
team-code-human-conversation = A conversation with a human is open
team-code-outside-hours = Not at these hours, the person said
team-code-outside-days = Not on these days, the person said
team-code-gathered = Waits to come together with others, as the person wished
team-code-quiet-hours = Quiet hours of the program
team-code-frequency-capped = Enough left already
team-code-not-approved = The program was not approved
team-code-journey-paused = The journey is paused
team-code-message-gone = The program has no such message any more
team-code-claim-without-fact = A fact behind its words is gone
team-code-expired = It waited too long
team-code-outbox-full = There was no room
team-code-no-address = It is not known where to
team-code-no-text = No words for that way and language
team-code-missing-value = A value that its words need is missing
team-code-aborted = Its own words say that it is not for this person
team-code-template-fault = Its words cannot be made
team-code-channel-busy = The channel does not take it for now
team-code-channel-refused = The channel does not take it
team-code-no-channel = No channel of that kind is set up
team-code-in-doubt = Nobody knows whether it left
team-code-hard-bounce = There is no such address
team-code-complaint = Reported as unwanted; the permission is taken back
team-code-unsubscribed = The person left by a message
team-code-soft-bounces = Five in a row did not arrive within 30 days
team-sender = Are we believed?
team-sender-words = What receivers look at, as the settings say it. These pages ask nobody on the network: compare the records with what stands in the DNS.
team-check-good = set up
team-check-missing = missing
team-check-look = compare
team-check-sender = Sender
team-check-no-sender = No e-mail leaves: name a sender under [channels.email].
team-check-dkim = Signature (DKIM)
team-check-dkim-words = Messages are signed with this key; its record has to stand here:
team-check-no-key = Messages are not signed: large providers turn them away. Make a key with egard keys dkim.
team-check-spf = Permitted servers (SPF)
team-check-spf-words = The record of the domain that failures come back to names the servers that may send for it:
team-check-dmarc = What to do with forgeries (DMARC)
team-check-dmarc-words = Such a record tells receivers to turn forgeries away:
team-check-https = Links
team-check-https-words = One click to leave (RFC 8058) needs links with https.
