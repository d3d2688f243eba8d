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
team-footer = These pages run no script and load nothing from elsewhere. They set one cookie, which ends with your session.
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
team-do-open-person = Open one person’s data for a purpose and a reason, which that person sees.
team-do-run-team = See the members, change roles, end sessions, remove members.

# The program
team-in-force = In force
team-none-in-force = No program is in force yet.
team-broken = This program cannot be read: it is not kept any more, or this version does not take it.
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
team-faults-words = What the checker says is in English.
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
