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
team-footer = Ces pages n’exécutent aucun script et ne chargent rien d’ailleurs. Elles posent un seul cookie, qui finit avec votre session.
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
team-do-open-person = Ouvrir les données d’une personne pour une finalité et une raison, que cette personne voit.
team-do-run-team = Voir les membres, changer les rôles, terminer des sessions, retirer des membres.

# The program
team-in-force = En vigueur
team-none-in-force = Aucun programme n’est encore en vigueur.
team-broken = Ce programme ne peut pas être lu : il n’est plus conservé, ou cette version ne l’accepte pas.
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
team-faults-words = Ce que dit le contrôle est en anglais.
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
