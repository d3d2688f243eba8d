# Words of the public register, French.

register-title = Registre public
register-lead = Ce que { $site } fait des données des personnes, selon quelles règles, et comment sa parole est tenue. Rien sur cette page ne parle d’une personne en particulier.
register-as-of = État au { $day }. Logiciel : Égard { $version }.
register-contents = Sur cette page
register-controller = Responsable
register-authority = Réclamations auprès de
register-unsaid = non indiqué dans les réglages
register-json = Ce registre en JSON
register-schema = son schéma
register-back = Retour au registre
register-footer = Cette page ne pose aucun cookie, n’exécute aucun script et ne charge rien d’ailleurs.
register-link = Registre public

# Purposes
register-purposes = À quoi servent les données
register-purposes-words = Chaque usage des données d’une personne nomme l’une de ces finalités et voit ce qui est écrit ici, rien de plus. Tout autre usage est refusé par le logiciel.
register-legal-basis = Base légale
register-sees = Voit
register-looks-back = Remonte
register-days = { $count ->
    [one] au plus à { $count } jour
   *[other] au plus à { $count } jours
}
register-term = Terme (W3C DPV)
register-declared = Déclaré pour elle ici
register-declared-none = rien
register-special = catégorie particulière
register-events-kept = { $count ->
    [one] Les événements bruts sont gardés { $count } jour.
   *[other] Les événements bruts sont gardés { $count } jours.
}
basis-consent = votre consentement (RGPD art. 6(1)(a))
basis-contract = le contrat avec vous (RGPD art. 6(1)(b))
basis-obligation = une obligation légale (RGPD art. 6(1)(c))
basis-interest = un intérêt légitime (RGPD art. 6(1)(f))
sees-service = commandes
sees-personalise = produits vus, mis au panier et achetés ; produits que vous ne voulez plus voir ; l’ouverture que vous voulez pour vos listes, et ce que vous dites des thèmes
sees-segment = produits vus, mis au panier et achetés ; traits déclarés ; événements déclarés avec leurs champs simples et leur moment ; finalités consenties ; groupes et parcours où la personne se trouve
sees-train = produits vus, mis au panier ou achetés, et le jour de chacun
sees-all = tout ce qui est connu de la personne
sees-predict = le premier et le dernier jour d’une commande, et le nombre de jours où il y en eut
sees-email = traits déclarés pour le courriel, comme l’adresse
sees-sms = traits déclarés pour les SMS, comme le numéro
sees-push = traits déclarés pour les notifications, comme l’appareil
sees-measure = décomptes journaliers d’événements déclarés
sees-help = produits et traits déclarés pour l’aide, comme les commandes
sees-secure = combien d’identifiants mènent à la personne, quand quelque chose est arrivé pour la dernière fois, décomptes journaliers d’événements déclarés

# Recipients
register-recipients = Qui reçoit des données
register-recipients-none = Aucun destinataire n’est déclaré.

# Rules
register-rules = Quelles règles valent, et depuis quand
register-rules-words = La charte est la loi à laquelle le logiciel obéit. Le dictionnaire dit quelles données peuvent entrer. Chaque changement est une entrée du journal public, et son texte est gardé sous son empreinte.
program-charter = Charte
program-dictionary = Dictionnaire des données
program-catalogue = Catalogue
program-none = rien n’était en vigueur
register-since = depuis le { $day }
register-from-to = du { $from } au { $to }
register-leaf = entrée { $leaf } du journal
register-leaf-none = son entrée au journal est en cours d’écriture
register-read = Lire
register-changed = Ce qui a changé
register-in-force = en vigueur

# Notices
register-notices = Ce qui est dit avant de choisir
register-notices-none = Aucune notice n’est publiée : personne n’est sollicité ici.
register-notice = { $id }, version { $version }
register-notice-valid = { $count ->
    [one] Un consentement vaut { $count } jour, puis la question est posée de nouveau.
   *[other] Un consentement vaut { $count } jours, puis la question est posée de nouveau.
}
register-notice-asks = Demande pour

# Models
register-models = Modèles
register-models-words = Un modèle est appris des personnes qui le permettent, et appris de nouveau sans celles qui partent. De chaque jour, le dernier est cité.
register-models-none = Aucun modèle n’a jamais été en vigueur.
register-model-gone = aucun modèle n’était en vigueur
register-people = Au moins { $people } personnes y comptent.
register-people-few = Moins de { $people } personnes y comptent.
register-budget = Budget de confidentialité
register-budget-spent = ε = { $epsilon }, δ = { $delta } (μ = { $mu }) pour une personne de plus ou de moins ; { $items } produits ont des liens
register-budget-few = ε = { $epsilon }, δ = { $delta } (μ = { $mu }) pour une personne de plus ou de moins ; les personnes étaient trop peu nombreuses pour des liens entre produits : c’est la popularité et les catégories du catalogue
register-training = Ce que les modèles peuvent révéler d’une personne
register-training-declared = Un modèle est appris avec du bruit, si bien que la participation d’une personne ne se voit presque pas (confidentialité différentielle). Un modèle peut révéler ε = { $each }, tous les modèles ensemble, pour toujours, ε = { $all }, et au moins { $days } jours séparent deux modèles.
register-training-none = Plus rien n’est déclaré : les modèles sont appris sans bruit, et qui part en est retiré exactement.
register-training-spent = Jusqu’ici, ε = { $spent } a été révélé.
register-training-left = Il reste ε = { $left } : { $count ->
    [0] aucun modèle de plus
    [one] un modèle de plus
   *[other] { $count } modèles de plus
}. Rien n’est appris au-delà.
register-training-table = Modèles publiés avec du bruit
register-training-day = Jour
register-training-people = Personnes, avec du bruit
register-training-sum = ε jusque-là
register-budget-none = aucun bruit n’est ajouté ; un produit n’a de poids que si au moins { $least } personnes sont derrière lui
register-gauges = L’ouverture des listes
register-gauges-words = De chaque emplacement, le dernier jour fini où { $people } personnes ou plus ont vu des listes faites de leur historique. Chacune compte une fois. Chaque chiffre porte du bruit, pour que la présence d’une personne ne se voie guère ; il est tiré une fois pour toutes.
register-gauges-none = Aucune journée n’est encore dite.
register-gauges-people = Personnes, au moins
register-items = { $count ->
    [one] Il connaît { $count } produit.
   *[other] Il connaît { $count } produits.
}
register-more = En savoir plus

# Rights
register-rights = Droits : demandes et réponses
register-rights-words = Comptés par trimestre civil. Un trimestre est dit quand il est fini, et ses réponses quand le suivant est fini, car alors le délai permis pour chacune est passé.
register-rights-none = Aucun trimestre n’est encore fini depuis que ce registre existe.
register-received = { $count ->
    [one] { $count } reçue
   *[other] { $count } reçues
}
register-received-few = Moins de { $least } reçues pour chacun : { $rights }.
register-total = Toutes ensemble : { $count }.
register-total-hidden = La somme n’est pas dite : elle révélerait un petit nombre.
register-answers-from = Ce qu’elles sont devenues est dit à partir du { $day }.
register-half = { $count ->
    [one] la moitié répondue en { $count } jour
   *[other] la moitié répondue en { $count } jours
}
register-worst = { $count ->
    [one] toutes en { $count } jour
   *[other] toutes en { $count } jours
}
register-late-none = aucune en retard
register-late-few = en retard : au moins une, moins de { $least }
register-late-some = en retard : certaines
register-late-count = en retard : { $count }
register-late-most = en retard : toutes sauf quelques-unes
register-late-all = en retard : toutes
register-outcome-all = De toutes ensemble
register-erased = { $count ->
    [one] { $count } historique effacé, sa clé détruite.
   *[other] { $count } historiques effacés, leurs clés détruites.
}
register-erased-few = Moins de { $least } historiques effacés.
register-small-numbers = Petits nombres
register-small-words = Un nombre inférieur à { $least } n’est pas dit, zéro comme { $most }. Une somme n’est dite que si elle laisse chacun de ces nombres ouvert. Les personnes derrière un modèle sont dites par paliers de 1, 2 et 5, arrondis vers le bas, et pas au-dessous de { $people }. Une demande restée sans réponse compte avec le temps écoulé.
register-right-access = Accès
register-right-portability = Portabilité
register-right-rectification = Rectification
register-right-restriction = Limitation
register-right-objection = Opposition
register-right-erasure = Effacement
register-right-withdraw-all = Retrait de tous les consentements
register-right-human-review = Regard d’un humain

# Honesty of messages
register-honesty = Honnêteté des messages
register-honesty-words = Avant qu’un message puisse partir, un contrôle cherche la pression, la honte et les affirmations sans fait. Une équipe peut garder une phrase que le contrôle arrête, avec une raison et l’accord d’une seconde personne. Une échéance annoncée n’est repoussée qu’avec une raison.
register-overridden = Contrôles écartés
register-overridden-none = Aucun.
register-override = message « { $message } »
register-override-by = Mis en vigueur par : { $by }. Approuvé par une seconde personne : { $second }.
register-override-alone = Mis en vigueur par : { $by }. Aucune seconde personne ne l’a approuvé.
register-reason = Raison donnée par l’équipe : { $reason }
register-reason-none = Aucune raison n’a été donnée.
register-nobody = quelqu’un qui n’est plus dans l’équipe
register-moved = Échéances déplacées
register-moved-none = Aucune.
register-moved-deadline = échéance « { $deadline } »
register-moved-to = C’était le { $before }, c’est le { $after }.
register-moved-gone = C’était le { $before }, elle a été retirée.
register-moved-told = Des messages l’avaient annoncée : { $messages }.

# Audits
register-audits = Audits
register-audits-words = Un audit refait des décisions enregistrées, octet par octet, et confronte chacune au consentement de son moment.
register-audits-none = Aucun audit n’a encore été mené.
register-audit = { $sample } enregistrements regardés sur { $population } ; { $findings ->
    [0] rien trouvé
    [one] { $findings } constat
   *[other] { $findings } constats
}

# The log
register-log = Le journal, et comment le vérifier
register-log-words = Chaque décision, chaque choix et chaque changement est une entrée d’un journal qui ne peut que croître. Ce qu’il a signé, il ne peut le reprendre : qui garde un point de contrôle peut voir plus tard que rien n’a été réécrit.
register-log-name = Nom
register-log-key = Clé
register-log-entries = Entrées
register-log-root = Racine
register-log-checkpoint = Point de contrôle
register-cosigned = Signé aussi par
register-cosigned-none = personne d’autre encore
register-verify = Pour vérifier un reçu
register-verify-words = Prenez le reçu d’une décision sur votre propre page et vérifiez-le sans réseau, avec cette clé :
register-verify-log = Pour vérifier tout le journal, demandez-en une copie sous forme de dossier :
register-verify-artefact = Pour vérifier une charte : l’empreinte SHA-256 de son texte est son nom.

# Sub-pages
charter-title = Charte
charter-words = Les règles telles qu’elles étaient en vigueur. Ce qu’aucune règle ne permet n’a pas lieu ; une règle qui interdit l’emporte sur toutes celles qui permettent.
charter-text = Le texte, à l’octet près
charter-forbids = interdit
charter-permits = permet
charter-rules = Règles
charter-promises = Promesses
charter-promises-words = Le plus qui puisse jamais être permis, écrit à part des règles et prouvé contre elles.
charter-rule-text = Son texte
diff-title = Ce qui a changé
diff-words = De { $from } à { $to }.
diff-same = Rien n’a changé.
diff-added = Ajouté
diff-removed = Retiré
diff-changed = Modifié
diff-before = Avant
diff-after = Après
diff-files = Fichiers dont le texte diffère, commentaires compris
dictionary-title = Dictionnaire des données
dictionary-words = Ce qui n’est pas déclaré ici est écarté dès l’entrée.
dictionary-event = événement
dictionary-trait = trait
model-title = Modèle
model-made = Fait le { $day }.
model-data = Données
model-charter = Charte
model-training = Comment il a été appris
model-parameters = Comment il note
