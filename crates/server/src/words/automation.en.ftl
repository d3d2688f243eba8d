# Words of groups and journeys, English.

automation-title = Groups and journeys
automation-words = Groups the team has defined that you are in, and what follows from them. If you refuse to be placed in groups, all of this is removed.
automation-none = You are in no group, and in no journey.
automation-since = Since { $day }.
automation-why = Why am I in this group?
automation-journeys = Journeys you are in
step-held-out = Nothing is done: you are one of those with whom it is compared.
step-waits = Reached: “{ $step }”, a pause.
step-waits-for = Reached: “{ $step }”, where it is waited for something you may do.
step-message = Reached: “{ $step }”, a message.
step-other = Reached: “{ $step }”.
event-automation = Groups and journeys: something changed
automation-group-in = You are now in the group “{ $title }”.
automation-group-out = You are no longer in the group “{ $title }”.
automation-entered = The journey “{ $title }” began.
automation-held-out = The journey “{ $title }” began without you: nothing is done, you are compared with.
automation-message = In the journey “{ $title }”, the message “{ $message }” was due.
automation-task = In the journey “{ $title }”, a human of the team was given something to do.
automation-update = In the journey “{ $title }”, “{ $trait }” was noted about you.
automation-update-removed = In the journey “{ $title }”, “{ $trait }” was removed.
automation-webhook = In the journey “{ $title }”, the system “{ $webhook }” was to be told.
automation-goal = You reached what the journey “{ $title }” is for.
automation-arm = In the journey “{ $title }”, chance chose the way “{ $arm }”.
automation-left = The journey “{ $title }” ended: { $because }.
left-finished = it was over
left-goal = you reached what it is for
left-condition = it no longer fitted
left-not-permitted = you do not permit it any more
left-step-gone = the step you stood at is gone
left-journey-gone = the journey is gone
left-held-out = the time of comparing is over
why-trait = What is kept as “{ $name }” is: { $value }.
why-trait-none = Nothing is kept as “{ $name }”.
why-event-count = “{ $event }” happened { $count ->
    [one] once
   *[other] { $count } times
}{ $window }; { $asked } is asked for.
why-event-sum = “{ $field }” of “{ $event }” comes to { $found }{ $window }; { $asked } is asked for.
why-event-last = “{ $event }” last happened { $found } days ago; { $asked } is asked for.
why-event-first = “{ $event }” first happened { $found } days ago; { $asked } is asked for.
why-event-never = “{ $event }” did not happen{ $window }.
why-sequence = One after the other within { $span }: { $events }; on { $days }.
why-sequence-none = Not one after the other within { $span }: { $events }.
why-items-any = of any kind
why-items-categories = of: { $list }
why-items-list = among: { $list }
why-items-viewed = You looked at { $count ->
    [one] { $count } thing
   *[other] { $count } different things
} { $which }{ $window }; { $asked } is asked for.
why-items-added = You put into a basket { $count ->
    [one] { $count } thing
   *[other] { $count } different things
} { $which }{ $window }; { $asked } is asked for.
why-items-bought = You bought { $count ->
    [one] { $count } thing
   *[other] { $count } different things
} { $which }{ $window }; { $asked } is asked for.
why-consent = You allow this use: { $purpose }.
why-consent-none = You do not allow this use: { $purpose }.
why-member = You are in the group “{ $segment }”.
why-member-none = You are not in the group “{ $segment }”.
why-other = The rule of the group fits you.
why-at-least = at least { $value }
why-at-most = at most { $value }
why-more-than = more than { $value }
why-less-than = less than { $value }
why-exactly = exactly { $value }
why-not-exactly = another number than { $value }
why-within = in the last { $span }
why-since = since { $from }
why-between = from { $from } to { $to }
span-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
span-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
span-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
span-weeks = { $count ->
    [one] { $count } week
   *[other] { $count } weeks
}
span-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
span-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
