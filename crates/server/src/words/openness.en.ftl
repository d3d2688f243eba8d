# Words of the dial, the gauge and what is said of topics, English.

step-close = Close to my habits
step-near = Mostly what I like, with a little air
step-middle = Some of it beyond my habits
step-wide = Broad
step-surprise = Surprise me
step-close-words = The list follows your history alone. No place is kept for anything else.
step-near-words = A little variety. One place in ten is for a discovery, one for something few people have.
step-middle-words = At least a fifth lies outside your usual topics. One place in ten is for a discovery, one for something few people have.
step-wide-words = At least a third lies outside your usual topics, and variety weighs more.
step-surprise-words = At least half lies outside your usual topics, and variety weighs most.

openness-title = How open your lists are
openness-lead = You decide how far what you are shown goes beyond what you know. It counts from the very next list, and nobody else can set it.
openness-legend = How open
openness-off = Personalisation is off, so your lists are the same as everybody’s. What you choose here counts once you allow it again.
openness-discovery = One place in ten may be a discovery, always labelled as one
openness-save = Save
openness-interests = What you say of topics
openness-interests-words = What you declare outranks what is inferred from your history. It is used for your lists and for nothing else. Topics that speak of health, belief or other intimate matters are not offered here, and nobody is surprised with them.
openness-topic = Topic
openness-choose = Choose a topic
openness-interested = It interests me
openness-less = Less of it
openness-never = Nothing of it
openness-take-back = Take back
openness-is-interested = interests you
openness-is-less = you want less of it
openness-is-never = you want nothing of it
openness-discoveries = Discoveries you were shown last
openness-discovery-of = a discovery from “{ $topic }”
openness-more-like-this = More like this
openness-less-like-this = Less like this
openness-never-this = Never this again
openness-answers-words = “More” makes the topic one of your interests, “less” halves what speaks for it, “never” keeps this very thing away. Each counts at once.

gauge-name = Your bubble, measured
gauge-lead = Four plain figures on the lists of your timeline, and the same on your own history.
gauge-none = There is nothing to measure yet.
gauge-lists = Your lists
gauge-history = Your history
gauge-measure = Measure
gauge-topics = Topics, counted as if all weighed the same
gauge-topics-of = { $topics } of { $offered }
gauge-topics-say = Your lists are as varied as { $topics } topics of equal weight; all that is on offer as { $offered }.
gauge-apart = Distance from all that is on offer
gauge-apart-say = 0% would be the same mix as all that is on offer, 100% nothing in common with it.
gauge-outside = Outside your habits
gauge-outside-say = So much of what you were shown lies outside your usual topics.
gauge-shared = In common with everybody
gauge-shared-say = How much the mix of topics has in common with that of everybody together. Of others only sums are used, with noise added so that nobody can be found in them.
gauge-shared-none = What you have in common with others is not told: the sums of this site have no noise added yet, and without it they are not compared with you.
gauge-not-told = not told
gauge-drawing = The figures of the table below as bars
gauge-promise = Your dial promises at least { $share } outside your usual topics in each list.

slot-outside = Outside your habits
slot-floor = Outside your habits: a place kept for it by your dial
slot-interest = From a topic you chose: a place kept for it
slot-discovery = A discovery, outside your habits
slot-discovery-drawn = Drawn among { $among } things that something you like leads to; the chance of this one was { $chance }.
slot-exposure = Few people have it, or it is new: a place kept for such things
slot-exposure-drawn = Drawn among { $among }; the chance of this one was { $chance }.

rule-muted = you never want to see it
rule-muted-topic = you want nothing of its topic
rule-by-you = You left out
rule-by-shop = The shop left out

decision-dial = Your dial stood at “{ $step }”.
decision-left-out = What was left out, and by whom
decision-other = { $cause }: these would have been in the list: { $names }.
decision-order = { $cause }: the same things, in another order.
cause-history = Without “{ $item }” in your history
cause-muted = Without your “never” for “{ $item }”
cause-openness = With the dial at “{ $step }”
cause-discovery-on = With discoveries switched on
cause-discovery-off = With discoveries switched off
cause-topic = Without what you said of “{ $topic }”
cause-off = With personalisation off
cause-categories = If the page had asked for all categories
cause-bought-out = If the page had left out what you have
cause-bought-in = If the page had not left out what you have
cause-hidden = If the shop did not hide “{ $item }”
cause-stock = If “{ $item }” were in stock
cause-draw = With another draw
cause-later = Asked again 90 days later
decision-nothing = Nothing else changes this list: everything it was made of was taken away in turn, and it stayed as it is.
decision-more = { $count ->
    [one] { $count } more
   *[other] { $count } more
}
decision-tried = Found by making the list again without each thing in turn.

demo-steps = The same list at each step of the dial
demo-steps-words = Made again from the same record, with nothing else changed.
demo-answered = Noted. The next list already follows it.

said-openness = Saved. Your next list already follows it.
said-topic = Noted. Your next list already follows it.
said-topic-back = Taken back.
said-no-topic = Nothing was changed: there is no such topic here, or it is one that nobody is asked about.
act-prefer = You said how open your lists are to be: { $about }
about-openness = the dial at “{ $step }”
about-discovery-on = discoveries on
about-discovery-off = discoveries off
about-interested = “{ $topic }” interests you
about-less = less of “{ $topic }”
about-never = nothing of “{ $topic }”
about-none = nothing more said of “{ $topic }”
about-anew = everything before taken back

reason-interest = You chose “{ $item }” as an interest
reason-less = You want less of “{ $item }”
phrase-interest = you chose “{ $item }” as an interest
phrase-less = you want less of “{ $item }”

team-openness = Openness
team-openness-words = How open the lists of each placement are. A day is told when it is over, of 50 people at least, each counted once; nobody’s dial, interests or answers are shown to the team.
team-openness-people = People counted in the model: { $people }
team-openness-placements = By placement
team-openness-none = No day is told yet: one must be over, with 50 people or more at a placement, since this server was started.
team-openness-day = Day
team-openness-who = People
team-openness-outside = Outside the person’s usual topics
team-openness-discoveries = Places that were discoveries
team-openness-exposures = Places kept for small and new items
team-openness-drawing = A bar for each placement, in the order of the table below.
