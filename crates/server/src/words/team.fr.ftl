# Words of the team’s pages, French.

team-title = Équipe
team-pages = Pages
team-overview = Vue d’ensemble
team-program = Programme
team-segments = Segments
team-journeys = Parcours
team-person = Ouvrir les données d’une personne
team-members = Membres
team-leave = Se déconnecter
team-footer = Ces pages marchent sans script et ne chargent rien d’ailleurs. Elles posent un seul cookie, qui finit avec votre session.
team-sign-in = Se connecter
team-sign-in-words = Pour les membres de l’équipe. Pour voir ses propres données, il y a la page « Mes données ».
team-name = Nom
team-password = Mot de passe
team-code = Code
team-code-words = Six chiffres de votre application d’authentification, ou l’un de vos codes de secours.

# What was done
team-said-wrong = Le nom, le mot de passe et le code ne vont pas ensemble. Un code ne sert qu’une fois : attendez le suivant.
team-said-too-often = Il y a eu trop d’essais. Revenez dans un quart d’heure.
team-said-stale = Rien n’a été fait : le formulaire ne venait pas de cette session. Réessayez d’ici.
team-said-left = Vous êtes déconnecté·e.
team-said-applied = Le programme est en vigueur.
team-said-forward = Le programme attend l’accord d’une deuxième personne.
team-said-approved = Vous avez approuvé le programme. Il peut maintenant entrer en vigueur.
team-said-taken-back = Le programme n’attend plus.
team-said-put-back = Le programme d’avant est de nouveau en vigueur.
team-said-changed = Rien n’a été fait : ce n’est plus le programme que vous avez regardé. Regardez-le de nouveau.
team-said-deadline-moved = Rien n’a été fait : une échéance annoncée à des personnes est repoussée. Dites pourquoi dans program.yaml, sous moved_because.
team-said-overtaken = Rien n’a été fait : un autre programme est entré en vigueur entre-temps. Regardez de nouveau.
team-said-same-person = Rien n’a été fait : la personne qui propose un programme ne peut pas l’approuver.
team-said-not-asked = Rien n’a été fait : ce programme n’attend plus.
team-said-nothing-before = Rien n’a été fait : ce programme n’a jamais été en vigueur.
team-said-damaged = Rien n’a été fait : le programme n’est plus conservé, ou n’est plus ce qu’il était.
team-said-not-yourself = Rien n’a été fait : personne ne change son propre rôle. Demandez à un·e autre membre.
team-said-role-changed = Le rôle est changé, et toutes les sessions de ce membre sont terminées.
team-said-sessions-ended = Toutes les sessions de ce membre sont terminées.
team-said-member-removed = Le membre est retiré, et toutes ses sessions sont terminées.
team-said-no-member = Rien n’a été fait : ce membre n’existe plus.

# Roles
team-role = Rôle de
team-role-marketer = Marketing
team-role-privacy-officer = Protection des données
team-role-admin = Administration
team-role-unknown = un rôle que cette version ne connaît pas
team-refused = Pas avec votre rôle
team-refused-words = Votre rôle est { $role }, et ceci n’en fait pas partie. Rien n’a été fait.
team-hello = Vous êtes { $name }. Votre rôle : { $role }.
team-you-may = Ce que vous pouvez faire
team-you-may-words = Chaque connexion, chaque changement de l’équipe et chaque programme figurent au journal de transparence, sans noms.
team-do-see = Voir les programmes, les segments et les parcours. Ici, on compte les personnes sans les montrer.
team-do-put-forward = Mettre un programme en vigueur, ou le proposer si une deuxième personne doit le regarder.
team-do-approve = Approuver un programme proposé par une autre personne.
team-do-take-back = Retirer un programme qui attend.
team-do-put-back = Remettre en vigueur un programme d’avant.
team-do-simulate = Déposer ce qu’a donné la simulation d’un programme.
team-do-open-person = Ouvrir les données d’une personne pour une finalité et une raison, que cette personne voit.
team-do-run-team = Voir les membres, changer les rôles, terminer des sessions, retirer des membres.

# The program
team-in-force = En vigueur
team-none-in-force = Aucun programme n’est encore en vigueur.
team-broken = Ce programme ne peut pas être lu : il n’est plus conservé, ou cette version ne l’accepte pas.
team-dictionary-waits = Son dictionnaire de données n’est pas celui avec lequel le serveur travaille : il prendra effet au prochain démarrage. Les segments et les parcours agissent déjà.
team-too-large = Pour quelqu’un, les segments et les parcours dépassent les 64 Kio conservés par personne. Cette personne reste où elle en était jusqu’à ce que quelque chose change pour elle, et rien ne lui est envoyé d’ici là. Retirez du programme des segments ou des parcours.
team-to-program = Voir le programme
team-number = Numéro { $number }
team-applied = Mis en vigueur le { $when } par { $by }.
team-applied-approved = Mis en vigueur le { $when } par { $by }, avec l’accord de { $second }.
team-moment = { $day } à { $time } UTC
team-count-segments = { $count ->
    [one] { $count } segment
   *[other] { $count } segments
}
team-count-journeys = { $count ->
    [one] { $count } parcours
   *[other] { $count } parcours
}
team-count-steps = { $count ->
    [one] { $count } étape
   *[other] { $count } étapes
}
team-count-waiting = { $count ->
    [one] { $count } programme attend une deuxième personne
   *[other] { $count } programmes attendent une deuxième personne
}
team-files = Ses fichiers
team-bytes = { $count ->
    [one] { $count } octet
   *[other] { $count } octets
}
team-back-to-program = Retour au programme
team-back-to-files = Retour aux fichiers
team-back-to-journeys = Retour aux parcours
team-folder = Le dossier
team-folder-none = Les réglages ne nomment aucun dossier de travail : indiquez folder dans [program].
team-folder-unreadable = Le dossier ne peut pas être lu : { $problem }
team-folder-faulty = { $count ->
    [one] { $count } faute : ce programme ne peut pas entrer en vigueur.
   *[other] { $count } fautes : ce programme ne peut pas entrer en vigueur.
}
team-folder-same = Ce que contient le dossier est en vigueur.
team-folder-new = Ce que contient le dossier est sans faute et n’est pas en vigueur.
team-faults-words = Une partie de ce que dit le contrôle est en anglais.
team-warning = à regarder
team-error = faute
team-diff = Ce qui diffère de ce qui est en vigueur
team-diff-first = Ce serait le premier.
team-diff-none = Rien ne diffère.
team-diff-added = { $file } est nouveau
team-diff-removed = { $file } a disparu
team-diff-changed = { $file } a changé
team-diff-value = { $path } : était { $before }, est { $after }
team-diff-value-new = { $path } : nouveau, { $after }
team-diff-value-gone = { $path } : a disparu, était { $before }
team-diff-lines = Lignes de texte : { $removed } en moins, { $added } en plus
team-diff-layout = Seulement commentaires et mise en page
team-second-person = Une deuxième personne doit l’approuver avant qu’il n’entre en vigueur.
team-put-forward = Proposer
team-apply = Mettre en vigueur
team-approve = Approuver
team-take-back = Retirer
team-put-back = Remettre en vigueur
team-own = Vous l’avez proposé : c’est à un·e autre membre de l’approuver.
team-waiting = En attente d’une deuxième personne
team-waiting-none = Rien n’attend.
team-waits-by = Proposé par { $by }.
team-waits-approved = Approuvé par { $by }.
team-history = Historique
team-current = en vigueur

# Segments and journeys
team-segments-words = Seules les personnes qui acceptent d’être placées dans des groupes sont dans un segment.
team-counted-at = Compté le { $when }, arrondi ; les petits nombres ne sont pas indiqués.
team-counted-never = Rien n’a encore été compté pour ce programme.
team-about = { $count ->
    [one] environ { $count } personne
   *[other] environ { $count } personnes
}
team-fewer = { $count ->
    [one] moins de { $count } personne
   *[other] moins de { $count } personnes
}
team-not-counted = pas encore compté
team-state-running = en marche
team-state-paused = en pause
team-state-closing = en fermeture : plus personne n’entre
team-journey-purpose = Finalité : { $purpose }. Qui ne la permet pas n’entre pas, et sort en la retirant.
team-drawing = Le parcours dessiné ; la même chose est écrite plus bas
team-steps = Les étapes en mots
team-entry = Entrée :
team-way = puis { $to }
team-way-when = { $when } : vers { $to }
team-way-out = puis la sortie
team-way-when-out = { $when } : la sortie

# One person
team-person-words = Vous voyez ce que la finalité permet de voir, et rien d’autre. La personne lit sur sa page que vous avez regardé, quand, pour quoi et pourquoi ; le journal en garde une trace. Un refus de la charte est noté aussi.
team-person-who = L’identifiant de la personne sur le site
team-person-purpose = Finalité
team-person-rights = Répondre à une demande sur ses droits
team-person-help = L’aider : elle nous parle
team-person-secure = Protéger le service des abus
team-person-reason = Raison
team-person-reason-words = Une phrase d’au moins dix lettres. La personne la lit.
team-person-open = Ouvrir
team-person-opened = Ce que la finalité permet de voir
team-person-recorded = Noté sous { $record }, et sur la page de la personne.
team-person-unclear = Rien n’a été ouvert : indiquez une personne, et une raison de 10 à 500 lettres.
team-person-refused = Rien n’a été ouvert : la charte refuse. Elle répond de même pour les personnes inconnues.

# Members
team-members-words = Les nouveaux membres, les mots de passe et les seconds facteurs se font en ligne de commande : egard team add, egard team reset. Personne ne change ici son propre rôle.
team-since = depuis le { $day }
team-codes-left = { $count ->
    [one] { $count } code de secours restant
   *[other] { $count } codes de secours restants
}
team-set-role = Changer le rôle
team-end-sessions = Terminer les sessions
team-remove = Retirer

# Who is in a segment
group-all = Tout ceci est vrai :
group-any = Au moins une de ces choses est vraie :
group-not = Ceci n’est pas vrai :
group-sequence = L’un après l’autre, en { $span }, { $window } :
group-consent = A accepté la finalité { $purpose }
group-member = Est dans le segment « { $title } »
group-declared = { $line } (selon la personne ou le site)
group-observed = { $line } (selon un parcours)
group-inferred = { $line } (selon un calcul)
group-exists = « { $name } » est connu
group-is = « { $name } » est { $value }
group-one-of = « { $name } » est parmi { $value }
group-contains = « { $name } » contient { $value }
group-starts = « { $name } » commence par { $value }
group-number = « { $name } » est { $value }
group-before = « { $name } » est avant le { $value }
group-after = « { $name } » est le { $value } ou après
group-within = « { $name } » remonte à moins de { $value }
group-anniversary = { $count ->
    [one] Le jour de « { $name } » vient d’ici { $count } jour
   *[other] Le jour de « { $name } » vient d’ici { $count } jours
}
group-event = { $what } a eu lieu, { $window }
group-event-count = { $what } a eu lieu { $compared } fois, { $window }
group-event-sum = { $what } : la somme de « { $field } » est { $compared }, { $window }
group-event-last = Jours depuis le dernier { $what } : { $compared }
group-event-first = Jours depuis le premier { $what } : { $compared }
group-items-any = articles
group-items-categories = articles de { $all }
group-items-these = articles parmi { $all }
group-items-viewed = { $count ->
    [1] A vu des { $which }, { $window }
   *[other] A vu au moins { $count } { $which }, { $window }
}
group-items-added = { $count ->
    [1] A mis au panier des { $which }, { $window }
   *[other] A mis au panier au moins { $count } { $which }, { $window }
}
group-items-bought = { $count ->
    [1] A acheté des { $which }, { $window }
   *[other] A acheté au moins { $count } { $which }, { $window }
}
group-where = { $event } où { $fields }
group-at-least = au moins { $number }
group-at-most = au plus { $number }
group-more-than = plus de { $number }
group-less-than = moins de { $number }
group-exactly = exactement { $number }
group-ever = à tout moment conservé
group-last = il y a moins de { $span }
group-from = depuis le { $from }
group-from-to = du { $from } jusqu’avant le { $to }
group-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
group-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
group-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
group-weeks = { $count ->
    [one] { $count } semaine
   *[other] { $count } semaines
}
group-months = { $count ->
    [one] { $count } mois
   *[other] { $count } mois
}
group-years = { $count ->
    [one] { $count } an
   *[other] { $count } ans
}
group-yes = oui
group-no = non
group-quoted = « { $text } »

# Simulations
team-simulations = Simulations
team-simulation = Une simulation
team-simulations-words = Ce qu’un programme ferait aux gens, avant qu’il ne le fasse à quiconque : des personnes inventées vivent avec lui un certain temps, selon le même code que sur le serveur. Simulez là où vous écrivez le programme et déposez le fichier ici ; il est montré à côté du programme même dont il parle.
team-simulation-file = Le fichier
team-simulation-file-words = Tel que l’écrit egard simulate --json, 256 Kio au plus. Ses chiffres sont ceux de personnes inventées et ne disent rien de personne.
team-simulation-hand-in = Déposer
team-simulation-programs = Programmes
team-simulation-none = Il n’y a encore aucun programme.
team-simulation-look = La regarder
team-simulated-on = Simulé avec { $people } personnes, déposé le { $when }.
team-simulated-not = Pas encore simulé.
team-stands-in-force = en vigueur
team-stands-waits = attend une deuxième personne
team-stands-folder = dans le dossier
team-stands-before = a été en vigueur
team-back-to-simulations = Retour aux simulations
team-simulation-made-up = Ces personnes sont inventées : les nombres sont donc exacts et ne cachent personne. Ils valent ce que valent les hypothèses faites sur les gens.
team-as-table = En tableau
team-said-simulated = La simulation est conservée à côté de son programme.
team-said-no-simulation = Rien n’a été conservé : ce n’est pas un fichier de egard simulate --json.
team-said-simulation-unknown = Rien n’a été conservé : le fichier parle d’un programme qui n’est pas en vigueur, n’attend pas et n’est pas dans le dossier. Simulez le programme tel qu’il est maintenant.
team-said-simulation-unfitting = Rien n’a été conservé : les chiffres ne correspondent pas aux jours de la simulation. Simulez de nouveau.
team-sim-people = Personnes
team-sim-permitting = Acceptent les groupes au début
team-sim-withdrawals = Sont revenues dessus
team-sim-days = Jours
team-sim-weeks-head = Semaines
team-sim-begins = Commence le
team-sim-seed = Graine
team-sim-handed-in = Déposé
team-sim-messages = Messages
team-sim-messages-words = Combien de chaque message partent, par jour, ou par semaine si c’est long.
team-sim-sent-by-day = « { $of } » : envois
team-sim-sent = Envoyés
team-sim-a-day = Par jour
team-sim-most = Au plus en un jour
team-sim-load = À quelle fréquence on écrit aux gens
team-sim-load-words = Pour chaque personne et chaque semaine : combien de messages. Qui n’en reçoit aucun est dans le tableau et pas sur le dessin.
team-sim-load-title = Semaines de personnes, selon les messages reçus dans la semaine
team-sim-load-says = Une barre pour chaque nombre de messages en une semaine ; le tableau donne les chiffres.
team-sim-in-a-week = Messages en une semaine
team-sim-weeks = Semaines de personnes
team-sim-most-in-a-week = Le plus reçu par quelqu’un en une semaine
team-sim-more = davantage
team-sim-refused = Ce qui n’est pas envoyé, ou plus tard
team-sim-refused-words = Ce que le programme a demandé, jugé comme un serveur le juge : par les choix et les conditions des gens, par les plafonds et les heures calmes du programme.
team-sim-never-title = Jamais envoyés
team-sim-later-title = Envoyés plus tard, ou encore en attente
team-sim-wanted = Envois voulus par les parcours
team-sim-together = Parmi les envois, réunis en un seul
team-sim-waiting = En attente à la fin
team-sim-refused-says = Une barre par raison, la plus fréquente d’abord ; le tableau les nomme.
team-sim-refused-first = le plus
team-sim-refused-last = le moins
team-sim-reason = Raison
team-sim-times = Fois
team-refused-left = Sorti d’un parcours : n’est plus permis
team-refused-withdrew = Sorti d’un parcours : les groupes ne sont plus permis
team-sim-journeys = Parcours
team-sim-journeys-words = Combien sont en cours à la fin de chaque jour, et combien de temps passe avant qu’on écrive à quelqu’un.
team-sim-present = « { $of } » : en cours
team-sim-entered = Entrés
team-sim-held-out = Tenus à l’écart
team-sim-goals = But atteint
team-sim-goals-held-out = But atteint, à l’écart
team-sim-contacted = À qui on a écrit
team-sim-first-median = Premier message : la moitié en
team-sim-first-p90 = Premier message : neuf sur dix en
team-sim-endless = Ne finissent jamais : donnez une issue à la boucle
team-sim-first-contact = « { $of } » : premier message
team-sim-first-contact-says = Une barre pour chaque durée : la part des personnes à qui on a écrit dans ce délai.
team-sim-within = En
team-sim-share = Part
team-sim-segments = Segments
team-sim-segments-words = Combien de personnes sont dans chacun à la fin de chaque jour.
team-sim-size = « { $of } » : personnes
team-sim-at-first = Au début
team-sim-came = Entrées
team-sim-went = Sorties
team-sim-day = Jour { $number }
team-sim-week = Semaine { $number }
team-sim-number = Nombre
team-sim-most-says = Le maximum est { $most } ; le tableau donne chaque valeur.
team-left-finished = Fin : parcours terminé
team-left-goal = Fin : but atteint
team-left-condition = Fin : ne convenait plus
team-left-not-permitted = Fin : n’est plus permis
team-left-step-gone = Fin : l’étape a disparu
team-left-journey-gone = Fin : le parcours a disparu
team-left-held-out = Fin : temps de la comparaison passé
team-left-withdrew = Fin : les groupes ne sont plus permis

# What a program would change
team-plan = Ce qu’il changerait
team-to-plan = Ce qu’il changerait pour les gens
team-plan-first = Rien n’est en vigueur : ce serait le premier programme.
team-plan-same = Ce programme même est en vigueur.
team-plan-other = Comparé au programme en vigueur.
team-plan-sample = Regarder un échantillon
team-plan-sample-words = La taille des segments est estimée sur 2 000 personnes au plus, que nul n’a choisies. C’est écrit dans le journal avant que quiconque soit regardé, et rien n’en est conservé.
team-plan-sampled = Estimé sur un échantillon, entre deux nombres, avec une confiance de 95 % ; les petits nombres ne sont pas indiqués.
team-plan-nothing = Rien ne change.
team-plan-now = Maintenant : { $people }
team-plan-then = Ensuite : { $people }
team-between = { $low } à { $high } personnes
team-plan-segment-new = est nouveau, et sera calculé pour toutes les personnes qui permettent les groupes
team-plan-segment-changed = sera recalculé pour toutes les personnes qui permettent les groupes ; cela seul ne fait entrer ni sortir personne d’un parcours
team-plan-segment-gone = prend fin
team-plan-journey-new = commence ; ce qui a eu lieu avant ne déclenche rien
team-plan-journey-changed = change sous les personnes qui y sont
team-plan-journey-gone = prend fin : qui y est en sort
team-plan-step-gone = L’étape « { $step } » disparaît ; là maintenant : { $people }
team-plan-step-changed = L’étape « { $step } » change ; là maintenant : { $people }
team-plan-step-new = L’étape « { $step } » est nouvelle.

# A person made up
team-back-to-segments = Retour aux segments
team-made = Essayer avec quelqu’un
team-made-words = Inventez une personne et voyez si elle serait dedans, et pourquoi. Ce que vous tapez est jugé par le code qui juge tout le monde, et n’est conservé nulle part. Ne tapez les données réelles de personne : qui veille à la protection des données les ouvre pour une finalité, et la personne le voit.
team-made-judge = Serait-elle dedans ?
team-made-in = Cette personne serait dans le segment
team-made-out = Cette personne ne serait pas dans le segment
team-made-until = Si rien n’arrive, cela change le { $when }.
team-made-for-ever = Si rien n’arrive, cela reste ainsi.
team-made-unknown = pas connu
team-made-unclear = Rien n’a été jugé : ceci ne peut pas être lu : { $fields }.
team-made-event-words = Laissez une ligne vide si cela n’a pas eu lieu.
team-made-ago = { $number } : il y a combien de jours
team-made-field = { $number } : « { $field } »
team-made-items = Ce qu’elle a fait avec des articles
team-made-item = { $number } : le numéro de l’article
team-made-did = { $number } : ce qu’elle a fait
team-made-viewed = l’a vu
team-made-added = l’a mis au panier
team-made-bought = l’a acheté
team-made-consents = Ce qu’elle accepte
team-why-items-viewed = Cette personne a regardé { $count ->
    [one] { $count } article
   *[other] { $count } articles différents
} { $which }{ $window } ; il faut { $asked }.
team-why-items-added = Cette personne a mis au panier { $count ->
    [one] { $count } article
   *[other] { $count } articles différents
} { $which }{ $window } ; il faut { $asked }.
team-why-items-bought = Cette personne a acheté { $count ->
    [one] { $count } article
   *[other] { $count } articles différents
} { $which }{ $window } ; il faut { $asked }.
team-why-consent = Cette personne accepte la finalité : { $purpose }.
team-why-consent-none = Cette personne n’accepte pas la finalité : { $purpose }.
team-why-member = Cette personne est dans le groupe « { $segment } ».
team-why-member-none = Cette personne n’est pas dans le groupe « { $segment } ».

# What happened in a journey
team-flow = Combien de fois quoi a eu lieu
team-flow-days = { $count ->
    [one] Sur les chemins : le dernier jour.
   *[other] Sur les chemins : les { $count } derniers jours, aujourd’hui compris. Aux étapes : qui s’y trouve maintenant.
}
team-flow-since = Le parcours est tel quel depuis le { $when } ; ce qui précède n’est pas compté ici.
team-flow-entered = Entrées
team-flow-left = Sorties
team-flow-held-out = Entrées, tenues à l’écart
team-flow-goal = But atteint
team-flow-goal-held-out = But atteint, à l’écart
team-flow-leave-when = Sorties car il ne convenait plus
team-way-passed = { $way } – { $times }
team-times-about = { $count ->
    [one] environ { $count } fois
   *[other] environ { $count } fois
}
team-times-fewer = { $count ->
    [one] moins de { $count } fois
   *[other] moins de { $count } fois
}

# What was opened of a person
team-data-history = Articles
team-data-traits = Ce qui est connu
team-data-counts = Combien de fois, par jour
team-data-identifiers = Noms qui mènent à cette personne
team-data-last-at = Dernières nouvelles
team-data-groups = Groupes
team-data-journeys = Parcours
team-data-nothing = Rien.
team-data-item = { $item } : vu { $viewed } fois, mis au panier { $added } fois, acheté { $bought } fois ; la dernière fois le { $when }
team-data-trait = { $name } : { $value }
team-data-count = { $event } : { $count } le { $day }
team-data-group = « { $title } », depuis le { $when }
team-data-journey = « { $title } », à « { $step } » depuis le { $when }
team-data-journey-held-out = « { $title } », à l’écart depuis le { $when }
team-data-why = Pourquoi

# Messages
team-messages = Messages
team-messages-words = Ce que le programme envoie. Rien ne part de ces pages : un aperçu est écrit pour quelqu’un d’inventé, et ne va nulle part.
team-messages-in-force = en vigueur
team-messages-folder = dans le dossier
team-back-to-messages = Retour aux messages
team-back-to-message = Retour au message
team-message-about = Par { $channel }, pour la finalité { $purpose }.
team-message-sent-by = Envoyé dans : { $journeys }
team-message-unsent = Aucun parcours ne l’envoie.
team-message-faults = { $count ->
    [one] { $count } chose à regarder dans ses mots
   *[other] { $count } choses à regarder dans ses mots
}
team-message-texts = Ses textes, chacun à changer et à contrôler :
team-message-try = Comment il se lit
team-message-try-words = Choisissez comment la personne lit et tapez des valeurs pour elle. C’est écrit par le code qui écrit à tout le monde. Ne tapez les données réelles de personne ; rien n’en est conservé, sinon l’image ci-dessous, dix minutes et pour vous seul·e.
team-message-language = Sa langue
team-message-tone = Son ton
team-message-channel = Par où il part
team-message-preview = L’écrire
team-message-unwritten = Il ne serait pas écrit
team-message-reads = Il se lit ainsi
team-message-phone = Sur un téléphone
team-message-desk = Sur un ordinateur
team-message-text = Sans HTML
team-message-headers = En-têtes
team-message-headers-words = Tels qu’ils partent, sauf la signature. Ici les liens ne mènent nulle part, et les adresses ne sont celles de personne. En chemin :
team-tone-own = aucun choisi
team-tone-plain = simple
team-tone-warm = chaleureux
team-tone-formal = formel
team-channel-email = e-mail
team-channel-sms = SMS
team-channel-push = notification
team-channel-in-app = dans l’application
team-unwritten-not-ready = Un texte du programme ne peut pas servir : { $told }
team-unwritten-aborted = Ses propres mots disent qu’il n’est pas pour cette personne : { $told }
team-unwritten-missing = Il manque une valeur dont ses mots ont besoin : { $told }
team-unwritten-claim = Un fait derrière ses mots a disparu : { $told }
team-unwritten-no-text = Il n’a pas de mots pour cette voie et cette langue. { $told }
team-unwritten-no-address = On ne sait pas où l’envoyer. { $told }
team-unwritten-fault = Ses mots ne peuvent pas être faits : { $told }
team-words = Un texte
team-words-words = Changez-le et voyez ce que trouve le contrôle : des affirmations sans fait, des fautes du langage, ce qu’aucun programme ne peut dire. Rien n’est enregistré ici : reportez ce qui est bon dans le dossier.
team-words-text = Texte
team-words-check = Contrôler
team-words-found = Ce que trouve le contrôle
team-found-nothing = Rien.
team-found = { $count ->
    [one] { $count } chose
   *[other] { $count } choses
}
team-found-error = Ligne { $line }, colonne { $column } : ne peut pas servir ainsi
team-found-warning = Ligne { $line }, colonne { $column } : à regarder

# What leaves
team-outbox = Départs
team-outbox-words = Ce qui est parti, ce qui ne l’est pas et pourquoi, en nombres. Personne n’est nommé ici.
team-doubts = Dans le doute
team-doubts-words = Le serveur s’est arrêté entre la marque de ces messages et la réponse du canal. Nul ne sait s’ils sont partis : ils ne sont donc jamais renvoyés. Regardez le journal du canal si cela importe, puis retirez-les de la liste.
team-doubts-none = Rien n’est dans le doute.
team-doubt-about = Dans le parcours { $journey }, sur le départ le { $when } ; note { $record }.
team-settle = Regardé
team-do-settle = Retirer de la liste un message dont nul ne sait s’il est parti.
team-said-settled = Il n’est plus sur la liste, et n’est pas renvoyé.
team-said-settled-already = Quelqu’un d’autre l’avait déjà retiré de la liste.
team-outbox-counts = Ce qui est parti et ce qui ne l’est pas
team-outbox-left = Partis, par voie
team-outbox-ended = Pas envoyés, par raison
team-outbox-later = Remis à plus tard, par raison
team-outbox-closed = Voies fermées, par raison
team-outbox-nothing = Rien.
team-last-days = { $count ->
    [one] Le dernier jour
   *[other] Les { $count } derniers jours, aujourd’hui compris
}
team-code-no-purpose-consent = La personne ne le permet pas
team-code-minor = La personne est mineure, ou peut l’être
team-code-objected = La personne s’y est opposée
team-code-restricted = Les données de la personne ne font que reposer
team-code-under-review = Un humain regarde les décisions de ce genre
team-code-suppressed = La voie est fermée : adresse morte, plainte, ou la personne l’a quittée
team-code-paused = La personne a tout mis en pause
team-code-human-conversation = Une conversation avec un humain est ouverte
team-code-outside-hours = Pas à ces heures, a dit la personne
team-code-outside-days = Pas ces jours-là, a dit la personne
team-code-gathered = Attend de venir avec d’autres, comme la personne le souhaite
team-code-quiet-hours = Heures calmes du programme
team-code-frequency-capped = Assez est déjà parti
team-code-not-approved = Le programme n’a pas été approuvé
team-code-journey-paused = Le parcours est en pause
team-code-message-gone = Le programme n’a plus ce message
team-code-claim-without-fact = Un fait derrière ses mots a disparu
team-code-expired = Il a attendu trop longtemps
team-code-outbox-full = Il n’y avait plus de place
team-code-no-address = On ne sait pas où l’envoyer
team-code-no-text = Pas de mots pour cette voie et cette langue
team-code-missing-value = Il manque une valeur dont ses mots ont besoin
team-code-aborted = Ses propres mots disent qu’il n’est pas pour cette personne
team-code-template-fault = Ses mots ne peuvent pas être faits
team-code-channel-busy = Le canal ne le prend pas pour l’instant
team-code-channel-refused = Le canal ne le prend pas
team-code-no-channel = Aucun canal de ce genre n’est installé
team-code-in-doubt = Nul ne sait s’il est parti
team-code-hard-bounce = L’adresse n’existe pas
team-code-complaint = Signalé comme indésirable ; la permission est retirée
team-code-unsubscribed = La personne est partie par un message
team-code-soft-bounces = Cinq de suite ne sont pas arrivés en 30 jours
team-sender = Nous croit-on ?
team-sender-words = Ce que regardent ceux qui reçoivent, d’après les réglages. Ces pages n’interrogent personne sur le réseau : comparez avec ce que dit le DNS.
team-check-good = installé
team-check-missing = manque
team-check-look = à comparer
team-check-sender = Expéditeur
team-check-no-sender = Aucun e-mail ne part : nommez un expéditeur sous [channels.email].
team-check-dkim = Signature (DKIM)
team-check-dkim-words = Les messages sont signés avec cette clé ; son enregistrement doit se trouver ici :
team-check-no-key = Les messages ne sont pas signés : les grands fournisseurs les refusent. Faites une clé avec egard keys dkim.
team-check-spf = Serveurs permis (SPF)
team-check-spf-words = L’enregistrement du domaine où reviennent les échecs nomme les serveurs qui peuvent envoyer pour lui :
team-check-dmarc = Que faire des contrefaçons (DMARC)
team-check-dmarc-words = Un tel enregistrement dit de refuser les contrefaçons :
team-check-https = Liens
team-check-https-words = La sortie en un clic (RFC 8058) demande des liens en https.
