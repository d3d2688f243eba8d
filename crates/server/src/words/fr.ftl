# Words of the faces, French. Keys are the same in both languages; a test compares them.

# The page as a whole
page-title = Voir avec les yeux d’un client
page-skip = Aller au contenu
page-demo = démonstration
page-language = Langue
page-lead = Choisissez un client. Vous voyez ce qu’il voit : ce que l’on sait de lui, ce qu’on lui recommande, et le poids de chaque raison. Rien de cette page ne lui est caché.
page-sample = De vrais achats, tirés du jeu de données Online Retail du dépôt UCI (CC BY 4.0), sans nom. Les consentements, eux, sont inventés pour cette démonstration.
page-source = Logiciel libre sous AGPL-3.0. Cette page n’utilise ni cookie, ni script, ni traceur.

# Choosing a customer
choose-label = Client exemple
choose-none = Choisir…
choose-show = Afficher
stance-all = accepte tout
stance-part = accepte en partie
stance-refused = refuse
stance-silent = n’a jamais répondu

# What just happened
notice-removed = « { $name } » n’est plus dans votre historique. La liste ci-dessous est déjà faite sans lui.
notice-off = La personnalisation est désactivée. La liste ci-dessous est faite sans vos données.
notice-on = La personnalisation est activée. Vous pouvez la désactiver à tout moment, ici même.
notice-stale = Rien n’a été modifié : la page était trop ancienne. Veuillez réessayer.
notice-came = Entrés dans la liste : { $names }.
notice-went = Sortis de la liste : { $names }.

# The list
offers-title-profiled = Recommandé pour vous
offers-title-contextual = La même liste pour tout le monde
offers-none = Rien à recommander : après les règles de la boutique, la liste est vide.
mode-profiled = { $count ->
    [one] Établie d’après { $count } produit de votre historique, et rien d’autre.
   *[other] Établie d’après { $count } produits de votre historique, et rien d’autre.
}
mode-contextual = Rien de ce qui vous concerne n’a été ouvert pour établir cette liste.
mode-rules = Règles qui ont décidé
offer-rank = N°
offer-score = score { $score }
offer-reasons = Raisons de recommander « { $name } », de la plus forte à la plus faible
offer-exact = La somme exacte
offer-column-reason = Raison
offer-column-share = Part
offer-column-amount = Ajoute
offer-total = Score
offer-others = { $count ->
    [one] { $count } raison plus faible
   *[other] { $count } raisons plus faibles, ensemble
}
offer-bar = { $share } du score
offer-without-instead = Sans « { $item } » dans votre historique, « { $other } » prendrait la place de ce produit dans la liste.
offer-without-gone = Sans « { $item } » dans votre historique, ce produit ne serait pas dans la liste.
offer-without-place = Sans « { $item } » dans votre historique, ce produit serait au rang { $place }.
gauge-title = Hors de vos habitudes
gauge-words = { $outside } de ces { $total } produits sortent des thèmes habituels de cette personne.

# Reasons
reason-again = Vous l’avez déjà acheté
reason-next = Il suit souvent « { $item } »
reason-discover = Il va souvent avec « { $item } »
reason-prior = Beaucoup de gens le choisissent
reason-mute = Vous voulez moins de « { $item } »
reason-bridge = Des gens d’avis différents l’apprécient
reason-alike = Peu de gens l’ont encore ; il ressemble à « { $item } »
phrase-again = vous l’avez déjà acheté
phrase-next = il suit souvent « { $item } » de votre historique
phrase-discover = il va souvent avec « { $item } » de votre historique
phrase-prior = beaucoup de gens le choisissent
phrase-mute = vous voulez moins de « { $item } »
phrase-bridge = des gens d’avis différents l’apprécient
phrase-alike = peu de gens l’ont encore, et il ressemble à « { $item } » de votre historique
sentence-one = Pourquoi : { $first }.
sentence-two = Pourquoi : { $first } ({ $share }) ; { $second } ({ $rest }).
sentence-prior = Beaucoup de gens le choisissent ; rien de vous n’entre en compte.
sentence-none = Aucune raison ne pèse pour ou contre lui : il complète la liste.

# Left out
excluded-title = Écartés par une règle
excluded-hidden = la boutique ne le montre pas
excluded-stock = en rupture de stock
excluded-bought = vous l’avez déjà
excluded-category = hors des catégories demandées

# What the person decides
choices-title = Ce que vous décidez
switch-on-state = La personnalisation est activée.
switch-off-state = La personnalisation est désactivée.
switch-off = Désactiver la personnalisation
switch-on = Activer la personnalisation
switch-effect = C’est pris en compte dès la prochaine liste, et c’est aussi facile à annuler.
consents-caption = Votre réponse pour chaque finalité
consents-purpose = Finalité
consents-answer = Votre réponse
purpose-service = livrer vos commandes
purpose-personalise = choisir ce qui vous est montré
purpose-segment = vous placer dans des groupes
purpose-train = apprendre des achats de beaucoup de gens
purpose-show-own-data = vous montrer vos propres données
purpose-predict = prévoir quand vous pourriez acheter de nouveau
purpose-market-by-email = vous envoyer des offres par courriel
purpose-market-by-sms = vous envoyer des offres par SMS
purpose-market-by-push = vous envoyer des offres par notification
purpose-measure = mesurer ce qui est lu et acheté
purpose-answer-rights-request = répondre à vos demandes sur vos droits
purpose-human-help = vous aider quand vous parlez à quelqu’un
purpose-secure = protéger le service des abus
consent-unknown = rien n’est connu
consent-requested = demandé, sans réponse
consent-deferred = remis à plus tard
consent-given = oui
consent-renewed = oui, renouvelé
consent-refused = non
consent-withdrawn = retiré
consent-revoked = révoqué par un tiers
consent-expired = expiré
consent-invalidated = non valable
consent-not-needed = pas nécessaire

# What is known
known-title = Ce que l’on sait de vous
known-history = Votre historique
known-history-none = Votre historique est vide.
known-more = { $count ->
    [one] Afficher { $count } autre produit
   *[other] Afficher { $count } autres produits
}
deed-viewed = { $count ->
    [one] vu { $count } fois
   *[other] vu { $count } fois
}
deed-added = { $count ->
    [one] mis au panier { $count } fois
   *[other] mis au panier { $count } fois
}
deed-bought = { $count ->
    [one] acheté { $count } fois
   *[other] acheté { $count } fois
}
known-last = dernière fois le { $day }
known-origin = Origine : { $source } ; sert à : { $purposes }.
known-origin-unused = Origine : { $source } ; ne sert à rien en ce moment.
known-remove = Retirer de mon historique
known-traits = À votre sujet
known-expires = Conservé jusqu’au { $day }.
unkept-title = Ce qui n’a pas été conservé
unkept-none = Rien de ce qui a été envoyé à votre sujet n’a été écarté.
unkept-undeclared = envoyé par la boutique, mais non déclaré : personne n’a dit à quoi cela servirait
unkept-no-purpose = vous n’avez accepté aucune finalité qui en ait besoin
unkept-never = jamais conservé, pour personne
unkept-expired = sa durée de conservation est passée
unkept-times = { $count ->
    [one] { $count } fois
   *[other] { $count } fois
}

# The proof
proof-title = La preuve
proof-words = Cette liste et ses raisons ont été consignées avant que vous les voyiez. Le reçu le prouve sans qu’il faille croire ce site : chacun peut le vérifier hors ligne.
proof-record = Décision
proof-leaf = Place dans le registre public
proof-pending = en cours d’inscription, une seconde environ
proof-receipt = Télécharger le reçu

# Asking for consent
ask-page = Vos choix
ask-each = Ce que vous autorisez, point par point
ask-accept = Tout accepter
ask-refuse = Tout refuser
ask-withdraw = Tout retirer
ask-save = Enregistrer ma sélection
ask-change = Modifier mes choix
ask-close = Fermer
ask-by = Demandé par { $controller }.
ask-version = Notice { $notice }, version { $number }, texte { $hash }.
ask-same = Le site fonctionne de la même façon quel que soit votre choix.
ask-standing-open = Vous n’avez pas encore répondu. Rien n’est utilisé tant que vous n’avez pas dit oui.
ask-standing-given = Vous autorisez : { $purposes }. Vous pouvez revenir dessus ici même, avec effet immédiat.
ask-standing-refused = Vous avez refusé. C’est retenu, et la question ne vous sera plus posée aussi longtemps que durerait un oui.
ask-signal-gpc = Votre navigateur dit non pour vous (Global Privacy Control), et nous le suivons : un oui ici ne changerait rien. Désactivez ce signal pour ce site si vous voulez décider ici.
ask-signal-adpc = Votre navigateur retire tout consentement pour vous (ADPC), et nous le suivons : un oui ici ne changerait rien. Modifiez-le dans votre navigateur si vous voulez décider ici.
ask-said-given = Vos choix sont enregistrés. Vous pouvez revenir dessus à tout moment, ici même.
ask-said-refused = Votre refus vaut dès maintenant. Plus rien de ce qui repose sur votre consentement n’est fait.
ask-said-stale = Rien n’a été modifié : le formulaire ne venait pas de cette page, ou la notice a une version plus récente. Veuillez la lire et répondre à nouveau.
ask-nothing = Ce site ne demande aucun consentement et ne fait rien qui en exigerait un.
ask-failed = Votre réponse n’a pas pu être enregistrée. Rien n’a été modifié ; veuillez réessayer.
ask-cookie = Un cookie retient votre réponse pendant six mois, que ce soit oui ou non. Il n’y en a aucun avant votre réponse.
