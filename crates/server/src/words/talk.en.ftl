# The contract of a person, and conversations with the team.
contract-title = How you may be written to
contract-lead = What you set here stands above everything this shop sets. It counts from now on, for every message a program would send you. Answers to your own questions are not held back by it.
contract-holds = What holds now
contract-presets = With one click
contract-form = Everything in detail
contract-save = Save
contract-changed = Done. This is in force now:
contract-same = Nothing has changed: this is what held before.
contract-changed-line = { $name }: { $now } (before: { $before })
contract-unchanged = Nothing was changed.
contract-to-be-said = A backup of our data was put back, and what you last said here was lost with it. Nothing is sent to you until you say again what you wish.
contract-conversing = You are talking to a member of the team. As long as that conversation is open, no program writes to you.
contract-not-said = As the shop sets it
contract-per-week = How many messages a week, at most
contract-per-week-words = In any seven days, over e-mail, text messages and notifications together. Empty: as the shop sets it.
contract-rhythm = One by one, or together
contract-single = One by one, when they are written
contract-daily = Together, once a day
contract-weekly = Together, once a week
contract-daily-at = Together, each day at { $time }
contract-weekly-at = Together, each { $day } at { $time }
contract-digest-day = If once a week, on
contract-digest-at = If together, at
contract-most = { $count -> 
    [one] At most one
   *[other] At most { $count }
}
contract-days = On which days
contract-any-day = Every day
contract-monday = Monday
contract-tuesday = Tuesday
contract-wednesday = Wednesday
contract-thursday = Thursday
contract-friday = Friday
contract-saturday = Saturday
contract-sunday = Sunday
contract-hours = At which hours
contract-any-hour = At any hour the shop may write
contract-hours-held = From { $from } to { $to }
contract-from = From
contract-to = To
contract-hours-words = Both empty: any hour. From 22:00 to 6:00 is the night.
contract-pause = Pause
contract-pause-none = No pause
contract-pause-until = Nothing until a day
contract-pause-ever = Nothing until I say otherwise
contract-paused-until = Nothing until { $moment }
contract-paused-ever = Nothing until you say otherwise
contract-until = Until
contract-channel = By which way, if there is a choice
contract-by-email = E-mail
contract-by-sms = Text message
contract-by-push = Notification
contract-in-app = Shown on the site, nothing sent
contract-tone = In which tone
contract-tone-plain = Short and factual
contract-tone-warm = Friendly
contract-tone-formal = Formal
contract-language = In which language
contract-zone = Where your clocks are
contract-zone-words = A time zone such as Europe/Paris. Empty: that of the shop.
contract-do-resume = End the pause
contract-do-resume-words = Messages may come again, within everything else you set.
contract-do-evenings = Evenings only
contract-do-evenings-words = Between 18:00 and 21:00; your days and your number stay as they are.
contract-do-once = Once a week at most
contract-do-once-words = No more than one message in any seven days, over all channels.
contract-do-weekly = All together on Saturday
contract-do-weekly-words = One message a week with everything in it, Saturday at 10:00.
contract-do-month = Pause for a month
contract-do-month-words = Nothing for 30 days, then again as before.
contract-do-ever = Send me nothing
contract-do-ever-words = Nothing until you end it here. What you allowed stays as it is.
contract-do-clear = Take back what I set about when and how often
contract-do-clear-words = Pause, number, days, hours, rhythm and way go; tone, language and clocks stay.
contract-file = Take it with you
contract-file-words = Your contract as a small file, for any other shop that runs this software.
contract-file-get = Download my contract (JSON)
contract-file-bring = I bring one from elsewhere
contract-file-label = The text of the file
contract-file-take = Use this contract
contract-fault-time = A time is written as 18:30.
contract-fault-hours = Say both from when and until when, or neither.
contract-fault-day = Choose a day at least. To get nothing at all, pause.
contract-fault-date = Choose a day to come.
contract-fault-week = Say a number from 1 to 100. To get nothing at all, pause.
contract-fault-zone = There is no such time zone. Say one such as Europe/Paris.
contract-fault-file = This is not a contract file.
contract-fault-nobody = Nothing is known of you here, so nothing is sent to you.
act-contract = You said how you may be written to
event-talk-said = You wrote to the team
event-talk-answered = The team answered you
event-talk-closed = A conversation with the team was closed
event-talk-mailed = An answer of the team was sent to you by e-mail
talk-title = Talk to a person
talk-list = Your conversations with the team
talk-list-words = A human of the team reads what you write, and answers. As long as a conversation is open, no program writes to you.
talk-open = Open
talk-closed = Closed
talk-back = All conversations
talk-turns = What was said
talk-open-words = This conversation is open: no program writes to you meanwhile.
talk-closed-at = Closed on { $moment }.
talk-no-subject = Without a subject
talk-about = About the message “{ $message }”
talk-left-out = { $count -> 
    [one] One earlier message is no longer kept.
   *[other] { $count } earlier messages are no longer kept.
}
talk-you = You
talk-the-person = The person
talk-said = { $by }, { $moment }
talk-said-by-mail = { $by }, { $moment }, by e-mail
talk-attached = Attached and not kept: { $names }
talk-subject = What is it about? (a few words)
talk-text = Your message
talk-address = Where shall we answer by e-mail? (you may leave this empty)
talk-address-words = The answer always stands on your page too. The address is kept with this conversation only.
talk-send = Send
talk-more = Write more
talk-again = Write again: the conversation is open again then
talk-close = Close this conversation
talk-close-words = Closed, it stays here to be read. Programs may write to you again, as far as you allow it.
talk-sent = Your message is with the team
talk-sent-words = A human reads it and answers. Until the conversation is closed, no program writes to you.
talk-sent-page = Read the answer on your page
talk-human-words = Write to a human of this shop. You need no account and no password: the link in the message says who you are to us.
talk-fault-empty = Write something first.
talk-fault-long = The text or the subject is too long, or the address is none.
talk-fault-many = You have many open conversations already. Go on in one of them, or close one.
talk-fault-unknown = There is no such conversation.
talk-fault-closed = The conversation was closed meanwhile.
talk-fault-overtaken = Somebody said or did something meanwhile. Read it, then send what you wrote.
talk-mail-subject = Answer from { $site }: { $subject }
talk-mail-from = { $by } of { $site } answered you:
talk-mail-reply = Reply to this e-mail to go on talking, or read everything on your page:
talk-mail-read = Read everything and answer on your page:
talk-mail-silence = While this conversation is open, no program writes to you.
team-talks = Conversations
team-talks-words = People who asked to talk to a human. As long as a conversation is open, no program writes to that person. What you open is written down, and the person sees it.
team-talks-none = Nobody waits. No conversation is open.
team-talk-unread = Not readable now: the person’s data is restricted
team-talk-waits = Waiting for { $age }
team-talk-overdue = Overdue: waiting for { $age }
team-talk-answered = Answered, still open
team-talk-age = Open for { $age }
team-talk-has = With { $by }
team-talk-free = With nobody in particular
team-talk-minutes = { $count -> 
    [one] one minute
   *[other] { $count } minutes
}
team-talk-hours = { $count -> 
    [one] one hour
   *[other] { $count } hours
}
team-talk-days = { $count -> 
    [one] one day
   *[other] { $count } days
}
team-talk-known = What is known for help
team-talk-unmailed = The last answer could not be e-mailed. The person finds it on their page.
team-talk-answer = Your answer
team-talk-answer-words = It stands on the person’s page at once, and goes out by e-mail if an address is known. Sign as you would in a letter.
team-talk-send = Send the answer
team-talk-take = I take it
team-talk-hand = Hand to
team-talk-hand-to = A colleague
team-talk-close = Close it
team-talk-close-words = Programs may write to the person again, as far as they allow it. They can go on in it at any time.
team-talk-overtaken = Somebody was quicker: something was said or done meanwhile. Read it below; what you wrote is still in the form, and nothing was sent.
team-talk-sent = Your answer is with the person.
team-talk-closed = The conversation is closed.
team-role-care = Customer care
team-do-help = Read and answer people’s conversations
team-count-talks = { $count -> 
    [one] One person waits for an answer
   *[other] { $count } people wait for an answer
}
