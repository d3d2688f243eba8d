# Words of the person’s own page, French.

# The door
door-start = Vos données chez { $site }
door-start-words = Vous voyez ici ce que { $site } sait de vous, ce qui a été décidé avec ces données et pourquoi ; vous pouvez les changer, les emporter ou les effacer.
door-start-how = On entre par un lien de { $site }. Il n’y a pas de mot de passe.
door-start-how-mail = On entre par un lien de { $site }, ou par un lien reçu par courriel. Il n’y a pas de mot de passe.
door-continue = Vos données chez { $site }
door-continue-words = Ce lien ouvre votre page chez { $site }, une seule fois. Si quelqu’un d’autre vous l’a envoyé sans que vous l’attendiez, fermez cette fenêtre.
door-open = Ouvrir ma page
door-ended = Ce lien n’ouvre plus
door-ended-words = Il a déjà servi, ou son temps est passé. Rien n’a été modifié. Demandez-en un nouveau.
door-sent = Regardez dans votre boîte
door-sent-words = Si cette adresse est connue ici, un lien lui est envoyé. Il ouvre une seule fois et peu de temps. Nous ne disons pas ici si une adresse est connue, pour protéger la personne à qui elle appartient.
door-left = Vous êtes sorti de votre page
door-left-words = Votre session est terminée, dans cette fenêtre et dans toutes les autres. Vous pouvez revenir à tout moment par un nouveau lien.
door-erased = Tout ce qui vous concerne a été effacé
door-erased-words = Votre clé a été détruite, et avec elle toute copie de vos données est devenue illisible ici. De vos identifiants, il ne reste que des valeurs brouillées qui ne mènent à personne.
door-erased-proof = Vos reçus continuent de prouver ce qu’ils prouvaient.
certificate-title = Le certificat de l’effacement
certificate-says = Il dit : le { $day }, les données d’une personne ont été effacées ici.
certificate-log = Il prouve que cela figure au journal public, et qui le détient peut le vérifier sans nous. La preuve est dans le fichier, avec la clé qui sert à la vérifier.
certificate-nobody = Il ne contient ni nom, ni adresse, ni identifiant : personne ne peut y lire qu’il s’agissait de vous.
certificate-keep = Gardez-le si vous voulez pouvoir montrer que votre demande a été exécutée. Nous ne pourrons pas le retrouver pour vous : plus rien ici ne mène à vous.
certificate-get = Télécharger le certificat
door-address = Votre adresse électronique
door-address-note = Elle sert à vous envoyer le lien, et à rien d’autre.
door-send = M’envoyer un lien
door-footer = Cette page utilise un seul cookie, tant que vous y êtes. Aucun traceur, aucun script, rien d’ailleurs.
mail-subject = Votre page chez { $site }
mail-opening = Vous avez demandé un lien vers votre page chez { $site }. Vous y voyez ce que l’on sait de vous, et vous pouvez le changer, l’emporter ou l’effacer.
mail-until = { $minutes ->
    [one] Le lien ouvre une seule fois, dans la { $minutes } minute.
   *[other] Le lien ouvre une seule fois, dans les { $minutes } minutes.
}
mail-unasked = Si vous n’avez rien demandé, vous n’avez rien à faire : sans ce lien, personne n’entre.

# The page
me-title = Vos données, vos choix
me-lead = Tout ce que ce site garde de vous, pourquoi, et jusqu’à quand. Chaque changement vaut dès la toute prochaine décision.
me-contents = Sur cette page
me-leave = Quitter ma page
me-nothing = Rien n’est connu de vous ici
me-nothing-words = Aucune donnée n’est gardée sous le nom avec lequel vous êtes venu. Si vous refusez quelque chose ici, seul ce refus est gardé, pour que personne ne vous le redemande.
me-switch-off = Désactiver toute personnalisation
me-switch-off-effect = D’un clic, rien de ce que vous voyez n’est plus choisi d’après votre historique, personne ne vous place dans des groupes, et personne ne prévoit vos achats.
me-switch-paused = La personnalisation est suspendue le temps qu’une personne examine une décision pour vous.
me-switch-on-effect = Ce que vous voyez est le même pour tout le monde. Rien de vous n’est ouvert pour l’établir.
me-gpc = Votre navigateur demande de ne pas être suivi (Global Privacy Control). Cela vaut tant que vous n’autorisez pas vous-même un usage ici.
me-answer = Votre réponse :
me-allow = Autoriser
me-refuse = Refuser
me-withdraw-all = Retirer tout ce que j’ai autorisé
me-evidence = La preuve de cette réponse
me-others = Sans votre accord
me-others-words = Ces usages reposent sur la loi, ou sur ce que vous avez commandé. Ils ne peuvent servir à rien d’autre, et vous pouvez vous y opposer ou les limiter plus bas.
me-traits-none = Rien de ce que vous auriez dit de vous n’est gardé.
me-correct = Enregistrer
me-remove = Retirer
me-mute = Ne plus jamais me le montrer
me-unmute = Me le montrer à nouveau
me-muted = Ce que vous ne voulez jamais voir
me-counts = Combien de fois vous avez fait quoi
me-count = { $times } en tout, sur { $days ->
    [one] { $days } jour
   *[other] { $days } jours différents
} ; la dernière fois le { $day }
me-inferred = Ce qui a été déduit de vous
me-inferred-none = Rien d’autre n’est gardé. Ce qu’un programme déduit est recalculé pour chaque liste, puis oublié ; la chronologie ci-dessous montre à partir de quoi.
me-until = N’est plus utilisé après le { $day }.
me-moment = { $day }, { $time } UTC
age-unknown = Votre âge n’est pas connu. Aucun profil n’est fait de personnes d’âge inconnu sur les pages pour enfants.
age-adult = On sait que vous êtes majeur ; votre date de naissance n’est pas gardée.
age-minor = On sait que vous êtes mineur : aucun profil de vous n’est fait, quoi qu’il soit autorisé par ailleurs.
age-title = Votre âge
age-own-adult = Vous avez dit être majeur, et le site le dit aussi.
age-own-adult-waits = Vous avez dit être majeur. Le site ne l’a pas confirmé : la plus stricte des deux indications l’emporte encore ; cela protège les enfants, qui pourraient dire la même chose.
age-own-minor = Vous avez dit être mineur. Cela compte, quoi que dise le site, jusqu’à ce que vous le retiriez.
age-say-adult = Je suis majeur
age-say-minor = Je suis mineur
age-say-nothing = Retirer ce que j’ai dit
age-rule = Personne ne vous demande votre date de naissance. Si vous dites être mineur, cela compte aussitôt. Si vous dites être majeur, cela compte dès que le site le confirme.
age-said-adult = majeur
age-said-minor = mineur
age-said-unknown = rien
joined-title = Vos visites sans vous connecter
joined-since = Réunies à vous depuis le { $day } : ce qui s’y est fait compte comme venant de vous, et les décisions en figurent dans votre chronologie.
joined-until = Vous pouvez les séparer à nouveau jusqu’au { $day }.
joined-for-good = Le temps de les séparer est passé ; vous pouvez encore retirer des choses une à une, ou tout effacer.
joined-part = Les séparer à nouveau
join-words = Ce navigateur est déjà venu ici sans que personne se connecte. Si toutes ces visites étaient les vôtres, et que personne d’autre n’utilise ce navigateur, vous pouvez les réunir à ce qui est connu de vous. Pour chaque usage, la plus stricte des deux réponses l’emporte, rien n’en devient autorisé, et pendant 30 jours vous pouvez les séparer à nouveau.
join-do = Les deux sont moi : les réunir
choice-since = Depuis le { $day }, par { $source }.
choice-until = Elle vaut jusqu’au { $day }.
choice-soft = Vous avez acheté ici sans refuser : la loi permet à la boutique de vous écrire au sujet de choses semblables. Un clic sur « Refuser » y met fin.
choice-contested = À votre demande, une personne examine une décision de ce genre : jusqu’à sa réponse, aucun programme n’en prend d’autre à votre sujet.
own-notice-title = Ce qui vous est demandé ici
own-notice-text = { $controller } vous le demande ici, sur votre page chez { $site }. Chaque usage est un choix à part, un oui vaut six mois, et un non ne vous coûte rien. Un oui se retire d’un clic au même endroit ; ce qu’il était seul à permettre est alors supprimé.
own-personalise = Ce que vous voyez est choisi d’après ce que vous avez regardé et acheté ici. Chaque liste dit ses raisons.
own-segment = Vous pouvez être compté dans des groupes définis par l’équipe, comme « a acheté deux fois cette année ».
own-train = Votre historique compte dans les sommes, faites de beaucoup de gens, dont le programme apprend ce qui va avec quoi. Si vous revenez dessus, votre part en est retirée exactement.
own-predict = Il est estimé, d’après les dates de vos achats, quand vous pourriez acheter de nouveau.
own-market-by-email = Des offres peuvent vous être envoyées par courriel. Un clic ici y met fin.
own-market-by-sms = Des offres peuvent vous être envoyées par SMS. Un clic ici y met fin.
own-market-by-push = Des offres peuvent vous être envoyées en notifications sur votre appareil. Un clic ici y met fin.
own-measure = Vous comptez dans les sommes qui disent ce qui est lu et acheté, sans que personne ne vous regarde à part.
source-me = cette page

# What was just done
said-on = La personnalisation est activée. Vous pouvez la désactiver ici à tout moment.
said-off = Toute personnalisation est désactivée. La prochaine liste est déjà faite sans vous.
said-allowed = C’est autorisé. Vous pouvez refuser à nouveau ici, à tout moment.
said-refused = C’est refusé. Cela vaut dès maintenant, et personne ne vous le redemandera.
said-withdrawn = Tout ce que vous aviez autorisé est retiré, dès maintenant.
said-forgotten = Ce n’est plus dans votre historique.
said-muted = Cela ne vous sera plus montré.
said-unmuted = Cela peut vous être montré à nouveau.
said-corrected = C’est corrigé. Si l’ancienne valeur est envoyée à nouveau, elle est ignorée.
said-removed = C’est retiré. Cela ne sera plus gardé tant que vous ne le donnez pas vous-même.
said-age = C’est noté. À côté de votre âge figure ce qui compte désormais.
said-age-none = Ce que vous aviez dit de votre âge est retiré.
said-joined = C’est réuni. Les décisions de ces visites sont dans votre chronologie, et vous pouvez les séparer à nouveau pendant 30 jours.
said-parted = C’est séparé à nouveau. Ce que vous avez refusé entre-temps reste refusé pour les deux.
said-not-joined = Rien n’a été modifié : ces deux-là ne peuvent être ni réunis ni séparés.
said-too-late = Rien n’a été modifié : ils sont réunis depuis trop longtemps pour être séparés.
said-not-possible = Rien n’a été modifié : cette valeur ne peut pas être gardée ici.
said-objected = Votre opposition est enregistrée et vaut dès maintenant.
said-no-objection = Votre opposition est retirée.
said-restricted = Vos données sont désormais seulement conservées : personne ne les utilise.
said-unrestricted = Vos données peuvent à nouveau servir, dans les limites de ce que vous avez autorisé.
said-review = Une personne va examiner cette décision et vous répondre. Le délai figure parmi vos demandes ; d’ici là, aucun programme ne prend d’autre décision de ce genre à votre sujet.
said-stale = Rien n’a été modifié : la page était trop ancienne. Veuillez réessayer.
said-nobody = Rien n’a été modifié : rien n’est connu de vous ici.

# The timeline
timeline-title = Ce qui s’est passé
timeline-words = Chaque ligne a été enregistrée avant que vous ne la voyiez, et peut être prouvée.
timeline-none = Rien encore.
timeline-why = Pourquoi ?
timeline-older = Plus ancien
timeline-visitor = comme visiteur
timeline-newest = Revenir au plus récent
event-list = { $count ->
    [one] { $count } produit a été choisi pour vous
   *[other] { $count } produits ont été choisis pour vous
}
event-list-contextual = { $count ->
    [one] { $count } produit a été montré, le même pour tout le monde
   *[other] { $count } produits ont été montrés, les mêmes pour tout le monde
}
event-list-names = Par exemple : { $names }.
event-choice = Vous avez fait un choix, ou votre navigateur pour vous
event-access = { $count ->
    [one] Vous avez regardé cette page
   *[other] Vous avez regardé cette page { $count } fois
}
event-staff = { $by }, de l’équipe, a ouvert vos données : { $purpose }
event-staff-reason = Sa raison : « { $reason } »
event-staff-refused = { $by }, de l’équipe, a demandé vos données dans ce but et se les est vu refuser : { $purpose }
event-refused-why = Refusé, car : { $why } Rien n’a été ouvert.
event-joined = Des visites sans connexion ont été réunies à vous
event-joined-until = Elles peuvent être séparées de vous jusqu’au { $day }.
event-parted = Des visites sans connexion ont été séparées de vous
event-audit = Un de vos enregistrements a été contrôlé : { $purpose }
event-audit-why = Il a été comparé au registre public, et la décision qu’il contient a été refaite, pour vérifier que tout est comme enregistré.
event-right = Votre demande « { $right } » : { $status }
event-export = Une copie de vos données a été faite pour vous
event-other = Enregistré : { $kind }
act-forget = Vous avez retiré « { $about } » de votre historique
act-mute = Vous ne voulez jamais voir « { $about } »
act-unmute = « { $about } » peut vous être montré à nouveau
act-object = Vous vous êtes opposé au profilage
act-object-no-longer = Vous avez retiré votre opposition
act-restrict = Vous avez fait limiter l’usage de vos données
act-restrict-no-longer = Vous avez levé la limitation de vos données
act-correct = Vous avez corrigé « { $about } »
act-remove-trait = Vous avez retiré « { $about } »
act-say-age = Vous avez dit de votre âge : { $about }
act-contest = Suspendu tant qu’une personne examine une décision à votre demande : { $about }
act-contest-ended = L’examen par une personne est terminé, et n’est plus suspendu : { $about }

# A decision
decision-title = Pourquoi on vous a montré cela
decision-back = Retour à votre page
decision-items = La liste
decision-reasons = Toutes les raisons
decision-change = Ce qui l’aurait changée
decision-without = Sans « { $item } » dans votre historique, la liste aurait aussi compté : { $names }.
decision-without-same = Sans « { $item } » dans votre historique, la liste aurait compté les mêmes produits, tout au plus dans un autre ordre.
decision-unexplained = Le modèle qui a établi cette liste, ou le catalogue où il a choisi, n’est plus gardé ici : ses raisons ne peuvent plus être recalculées. Le reçu contient tout ce dont elle a été faite.
decision-earlier = Cette liste a été établie par un modèle antérieur, remplacé depuis. Les raisons ci-dessous sont calculées avec ce modèle-là, tel qu’il était.
decision-not-the-same = Recalculée avec le modèle qui l’a établie, cette liste ne ressort pas telle qu’elle a été enregistrée : aucune raison n’en est donnée. Le reçu contient tout ce dont elle a été faite ; demandez à une personne si cela compte pour vous.
review-words = Aucune décision prise ici n’a d’effet juridique sur vous. Vous pouvez néanmoins demander qu’une personne l’examine ; la réponse vient dans le mois. D’ici là, aucun programme ne prend d’autre décision de ce genre à votre sujet : ce que vous voyez est le même pour tout le monde.
review-ask = Demander l’avis d’une personne

# Rights
rights-title = Vos droits
requests-title = Vos demandes
request-open = { $status } ; reçue le { $received }, réponse au plus tard le { $due }.
request-ended = { $status } ; reçue le { $received }.
right-access = accès
right-portability = portabilité
right-rectification = rectification
right-restriction = Garder mes données sans les utiliser
right-objection = opposition
right-erasure = Tout effacer
right-withdraw-all = retrait de tous les accords
right-human-review = Une personne examine une décision
right-take = Emporter vos données
right-stop = S’opposer
right-complain = Parler à quelqu’un, ou se plaindre
status-open = reçue
status-need-verification = attend que vous montriez qui vous êtes
status-in-progress = en cours
status-fulfilled = faite
status-revoked = retirée par vous
status-expired = close sans réponse de votre part
status-denied = refusée
me-download-json = Télécharger (JSON)
me-download-csv = Télécharger (tableau)
me-object = M’opposer au profilage
me-object-no-longer = Retirer cette opposition
me-objected = Vous vous opposez au profilage : il n’a pas lieu.
me-marketing-stop = Plus de prospection
me-marketing-again = Revenir là-dessus
me-objected-marketing = Vous vous opposez à la prospection : vous n’en recevez aucune, par aucun canal.
me-restrict = Limiter l’usage de mes données
me-restrict-no-longer = Lever la limitation
me-restricted = Vos données sont seulement conservées ; personne ne les utilise.
me-erase = Effacer tout ce qui me concerne…
me-contact = Les personnes qui répondent de vos données :
erase-title = Effacer tout ce qui vous concerne ?
erase-what = Si vous continuez, ceci a lieu aussitôt :
erase-known = Votre historique, ce que vous avez dit de vous et tous vos choix sont détruits, dans toutes les copies.
erase-learned = Ce qui a été appris de beaucoup de gens est corrigé : votre part en est retirée.
erase-log = Dans le journal public ne restent que des lignes qui ne nomment personne et que nul ne peut relier à vous.
erase-final = C’est sans retour. Si vous avez un compte ou des commandes en cours auprès du site, ils s’y poursuivent.
erase-download = Télécharger d’abord vos données
erase-do = Tout effacer
erase-keep = Garder mes données

# Lessons
lesson-authority = Si ce droit n’est pas respecté, adressez-vous à l’autorité :
lesson-consent = Votre droit de dire non, et de changer d’avis
lesson-consent-words = Un accord ne compte que si vous l’avez donné librement, pour un usage précis, en sachant lequel ; se taire n’est pas accepter. Vous pouvez le retirer à tout moment, aussi facilement que vous l’avez donné. Rien ne peut vous en être tenu rigueur.
lesson-consent-law = RGPD, art. 4, point 11, art. 6, § 1, a) et art. 7
lesson-rectification = Votre droit de faire corriger les erreurs
lesson-rectification-words = Ce qui est gardé de vous doit être exact. Vous pouvez le corriger ou le compléter, et ceux qui l’ont reçu doivent en être informés. Ici, une correction tient, même si une source continue d’envoyer l’erreur.
lesson-rectification-law = RGPD, art. 5, § 1, d), art. 16 et 19
lesson-explanation = Votre droit de savoir comment un programme a décidé
lesson-explanation-words = Quand un programme décide à votre sujet, vous pouvez en connaître la logique : lesquelles de vos données il a utilisées, le poids de chacune, et ce qui aurait changé le résultat. Une formule générale ne suffit pas : il s’agit de votre cas. Pour ce qui pèse sur vous, une personne doit être joignable.
lesson-explanation-law = RGPD, art. 13, § 2, f), art. 15, § 1, h) et art. 22 ; CJUE C-203/22
lesson-access = Votre droit de voir, et d’emporter
lesson-access-words = Vous pouvez obtenir une copie de tout ce qui est gardé de vous, gratuitement, dans le mois ; ici, vous l’avez tout de suite. Le premier fichier est fait pour des programmes : vous pouvez le confier à un autre service. Le tableau s’ouvre dans tout tableur.
lesson-access-law = RGPD, art. 12, 15 et 20
lesson-restriction = Votre droit de geler vos données
lesson-restriction-words = Tant que vous contestez quelque chose, vous pouvez demander que vos données soient gardées sans être utilisées. Rien n’est perdu, et c’est vous qui décidez de la suite. On vous prévient avant la fin d’une limitation.
lesson-restriction-law = RGPD, art. 18
lesson-objection = Votre droit de vous opposer
lesson-objection-words = À la prospection, vous pouvez vous opposer à tout moment et sans raison ; elle doit alors cesser, d’où qu’elle vienne et par quelque canal que ce soit. Aux autres usages fondés sur un intérêt de la boutique, vous pouvez vous opposer pour des raisons qui vous sont propres. Votre navigateur peut le dire pour vous.
lesson-objection-law = RGPD, art. 21
lesson-erasure = Votre droit à l’oubli
lesson-erasure-words = Vous pouvez faire effacer vos données, et qui les détient doit veiller à ce que les copies disparaissent aussi. La loi oblige à garder certaines choses un temps, comme les factures ; elles restent auprès du site, et non ici. Vous en recevez la preuve.
lesson-erasure-law = RGPD, art. 17 et 19
lesson-complaint = Votre droit de vous plaindre
lesson-complaint-words = Vous pouvez vous plaindre à une autorité de contrôle, là où vous vivez, travaillez, ou là où cela s’est passé. C’est gratuit, sans avocat, et elle doit vous dire la suite qu’elle y donne. Vous pouvez aussi aller devant un juge, ou laisser une association le faire pour vous.
lesson-complaint-law = RGPD, art. 77 à 80
