# Les mots des groupes et des parcours, en français.

automation-title = Groupes et parcours
automation-words = Les groupes définis par l’équipe dont vous faites partie, et ce qui s’ensuit. Si vous refusez d’être placé·e dans des groupes, tout cela est supprimé.
automation-none = Vous n’êtes dans aucun groupe ni aucun parcours.
automation-since = Depuis le { $day }.
automation-why = Pourquoi suis-je dans ce groupe ?
automation-journeys = Les parcours où vous êtes
step-held-out = Rien n’est fait : vous êtes parmi ceux avec qui l’on compare.
step-waits = Étape atteinte : « { $step } », une pause.
step-waits-for = Étape atteinte : « { $step } », où l’on attend ce que vous ferez peut-être.
step-message = Étape atteinte : « { $step } », un message.
step-other = Étape atteinte : « { $step } ».
event-automation = Groupes et parcours : quelque chose a changé
automation-group-in = Vous êtes maintenant dans le groupe « { $title } ».
automation-group-out = Vous n’êtes plus dans le groupe « { $title } ».
automation-entered = Le parcours « { $title } » a commencé.
automation-held-out = Le parcours « { $title } » a commencé sans vous : rien n’est fait, on compare avec vous.
automation-message = Dans le parcours « { $title } », le message « { $message } » était prévu.
automation-task = Dans le parcours « { $title } », une personne de l’équipe a reçu une tâche.
automation-update = Dans le parcours « { $title } », « { $trait } » a été noté à votre sujet.
automation-update-removed = Dans le parcours « { $title } », « { $trait } » a été supprimé.
automation-webhook = Dans le parcours « { $title } », le système « { $webhook } » devait être averti.
automation-goal = Vous avez atteint ce pour quoi le parcours « { $title } » existe.
automation-arm = Dans le parcours « { $title } », le hasard a choisi la voie « { $arm } ».
automation-left = Le parcours « { $title } » s’est terminé : { $because }.
left-finished = il était fini
left-goal = vous avez atteint son but
left-condition = il ne convenait plus
left-not-permitted = vous ne le permettez plus
left-step-gone = l’étape où vous étiez n’existe plus
left-journey-gone = le parcours n’existe plus
left-held-out = le temps de la comparaison est passé
why-trait = Ce qui est gardé comme « { $name } » est : { $value }.
why-trait-none = Rien n’est gardé comme « { $name } ».
why-event-count = « { $event } » est arrivé { $count } fois{ $window } ; il faut { $asked }.
why-event-sum = « { $field } » de « { $event } » fait { $found }{ $window } ; il faut { $asked }.
why-event-last = « { $event } » est arrivé pour la dernière fois il y a { $found } jours ; il faut { $asked }.
why-event-first = « { $event } » est arrivé pour la première fois il y a { $found } jours ; il faut { $asked }.
why-event-never = « { $event } » n’est pas arrivé{ $window }.
why-sequence = L’un après l’autre en { $span } : { $events } ; dates : { $days }.
why-sequence-none = Pas l’un après l’autre en { $span } : { $events }.
why-items-any = de toute sorte
why-items-categories = de : { $list }
why-items-list = parmi : { $list }
why-items-viewed = Vous avez regardé { $count ->
    [one] { $count } article
   *[other] { $count } articles différents
} { $which }{ $window } ; il faut { $asked }.
why-items-added = Vous avez mis au panier { $count ->
    [one] { $count } article
   *[other] { $count } articles différents
} { $which }{ $window } ; il faut { $asked }.
why-items-bought = Vous avez acheté { $count ->
    [one] { $count } article
   *[other] { $count } articles différents
} { $which }{ $window } ; il faut { $asked }.
why-consent = Vous permettez cet usage : { $purpose }.
why-consent-none = Vous ne permettez pas cet usage : { $purpose }.
why-member = Vous êtes dans le groupe « { $segment } ».
why-member-none = Vous n’êtes pas dans le groupe « { $segment } ».
why-other = La règle du groupe vous convient.
why-at-least = au moins { $value }
why-at-most = au plus { $value }
why-more-than = plus de { $value }
why-less-than = moins de { $value }
why-exactly = exactement { $value }
why-not-exactly = un autre nombre que { $value }
why-within = sur { $span } jusqu’à maintenant
why-since = depuis le { $from }
why-between = du { $from } au { $to }
span-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
span-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
span-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
span-weeks = { $count ->
    [one] { $count } semaine
   *[other] { $count } semaines
}
span-months = { $count ->
    [one] { $count } mois
   *[other] { $count } mois
}
span-years = { $count ->
    [one] { $count } an
   *[other] { $count } ans
}
