# Le contrat d’une personne, et les conversations avec l’équipe.
contract-title = Comment on peut vous écrire
contract-lead = Ce que vous réglez ici passe avant tous les réglages de la boutique. Cela vaut dès maintenant, pour chaque message qu’un programme vous enverrait. Les réponses à vos propres questions ne sont pas retenues.
contract-holds = Ce qui vaut maintenant
contract-presets = En un clic
contract-form = Tout en détail
contract-save = Enregistrer
contract-changed = C’est fait. Voici ce qui vaut désormais :
contract-same = Rien n’a changé : c’est ce qui valait déjà.
contract-changed-line = { $name } : { $now } (avant : { $before })
contract-unchanged = Rien n’a été modifié.
contract-to-be-said = Une sauvegarde de nos données a été remise en place, et votre dernier réglage a été perdu avec elle. Rien ne vous est envoyé tant que vous n’avez pas redit ce que vous souhaitez.
contract-conversing = Vous êtes en conversation avec une personne de l’équipe. Tant qu’elle est ouverte, aucun programme ne vous écrit.
contract-not-said = Comme la boutique le règle
contract-per-week = Combien de messages par semaine, au plus
contract-per-week-words = Sur sept jours, tous canaux confondus : e-mail, SMS et notifications. Vide : comme la boutique le règle.
contract-rhythm = Un par un, ou groupés
contract-single = Un par un, au moment où ils sont écrits
contract-daily = Groupés, une fois par jour
contract-weekly = Groupés, une fois par semaine
contract-daily-at = Groupés, chaque jour à { $time }
contract-weekly-at = Groupés, chaque { $day } à { $time }
contract-digest-day = Si c’est une fois par semaine, le
contract-digest-at = Si c’est groupé, à
contract-most = { $count -> 
    [one] Un au plus
   *[other] { $count } au plus
}
contract-days = Quels jours
contract-any-day = Tous les jours
contract-monday = lundi
contract-tuesday = mardi
contract-wednesday = mercredi
contract-thursday = jeudi
contract-friday = vendredi
contract-saturday = samedi
contract-sunday = dimanche
contract-hours = À quelles heures
contract-any-hour = À toute heure où la boutique peut écrire
contract-hours-held = De { $from } à { $to }
contract-from = De
contract-to = À
contract-hours-words = Les deux vides : à toute heure. De 22 h 00 à 6 h 00, c’est la nuit.
contract-pause = Pause
contract-pause-none = Pas de pause
contract-pause-until = Rien jusqu’à un jour donné
contract-pause-ever = Rien jusqu’à ce que je dise le contraire
contract-paused-until = Rien jusqu’au { $moment }
contract-paused-ever = Rien jusqu’à ce que vous disiez le contraire
contract-until = Jusqu’au
contract-channel = Par quel canal, s’il y a le choix
contract-by-email = E-mail
contract-by-sms = SMS
contract-by-push = Notification
contract-in-app = Affiché sur le site, rien d’envoyé
contract-tone = Sur quel ton
contract-tone-plain = Bref et factuel
contract-tone-warm = Amical
contract-tone-formal = Formel
contract-language = En quelle langue
contract-zone = À quelle heure vous vivez
contract-zone-words = Un fuseau horaire comme Europe/Paris. Vide : celui de la boutique.
contract-do-resume = Finir la pause
contract-do-resume-words = Les messages peuvent revenir, dans le respect de vos autres réglages.
contract-do-evenings = Le soir seulement
contract-do-evenings-words = Entre 18 h 00 et 21 h 00 ; vos jours et votre nombre restent les mêmes.
contract-do-once = Une fois par semaine au plus
contract-do-once-words = Pas plus d’un message sur sept jours, tous canaux confondus.
contract-do-weekly = Tout groupé le samedi
contract-do-weekly-words = Un message par semaine qui contient tout, le samedi à 10 h 00.
contract-do-month = Une pause d’un mois
contract-do-month-words = Rien pendant 30 jours, puis comme avant.
contract-do-ever = Ne rien m’envoyer
contract-do-ever-words = Rien jusqu’à ce que vous y mettiez fin ici. Ce que vous avez autorisé reste tel quel.
contract-do-clear = Retirer mes réglages de moment et de fréquence
contract-do-clear-words = La pause, le nombre, les jours, les heures, le rythme et le canal sont retirés ; le ton, la langue et l’heure restent.
contract-file = L’emporter
contract-file-words = Votre contrat dans un petit fichier, pour toute autre boutique qui utilise ce logiciel.
contract-file-get = Télécharger mon contrat (JSON)
contract-file-bring = J’en apporte un d’ailleurs
contract-file-label = Le texte du fichier
contract-file-take = Utiliser ce contrat
contract-fault-time = Une heure s’écrit comme 18 h 30.
contract-fault-hours = Dites à la fois à partir de quand et jusqu’à quand, ou ni l’un ni l’autre.
contract-fault-day = Choisissez au moins un jour. Pour ne rien recevoir du tout, faites une pause.
contract-fault-date = Choisissez un jour à venir.
contract-fault-week = Dites un nombre de 1 à 100. Pour ne rien recevoir du tout, faites une pause.
contract-fault-zone = Ce fuseau horaire n’existe pas. Dites par exemple Europe/Paris.
contract-fault-file = Ce n’est pas un fichier de contrat.
contract-fault-nobody = Rien n’est connu de vous ici, donc rien ne vous est envoyé.
act-contract = Vous avez dit comment on peut vous écrire
event-talk-said = Vous avez écrit à l’équipe
event-talk-answered = L’équipe vous a répondu
event-talk-closed = Une conversation avec l’équipe a été close
event-talk-mailed = Une réponse de l’équipe vous a été envoyée par e-mail
talk-title = Parler à une personne
talk-list = Vos conversations avec l’équipe
talk-list-words = Une personne de l’équipe lit ce que vous écrivez et vous répond. Tant qu’une conversation est ouverte, aucun programme ne vous écrit.
talk-open = Ouvertes
talk-closed = Closes
talk-back = Toutes les conversations
talk-turns = Ce qui a été dit
talk-open-words = Cette conversation est ouverte : aucun programme ne vous écrit pendant ce temps.
talk-closed-at = Close le { $moment }.
talk-no-subject = Sans objet
talk-about = À propos du message « { $message } »
talk-left-out = { $count -> 
    [one] Un message plus ancien n’est plus gardé.
   *[other] { $count } messages plus anciens ne sont plus gardés.
}
talk-you = Vous
talk-the-person = La personne
talk-said = { $by }, { $moment }
talk-said-by-mail = { $by }, { $moment }, par e-mail
talk-attached = Joint et non gardé : { $names }
talk-subject = De quoi s’agit-il ? (quelques mots)
talk-text = Votre message
talk-address = Où vous répondre par e-mail ? (vous pouvez laisser vide)
talk-address-words = La réponse figure toujours aussi sur votre page. L’adresse n’est gardée qu’avec cette conversation.
talk-send = Envoyer
talk-more = Écrire encore
talk-again = Écrire à nouveau : la conversation sera rouverte
talk-close = Clore cette conversation
talk-close-words = Close, elle reste lisible ici. Les programmes peuvent de nouveau vous écrire, dans la mesure où vous l’autorisez.
talk-sent = Votre message est arrivé à l’équipe
talk-sent-words = Une personne le lit et vous répond. Jusqu’à la clôture de la conversation, aucun programme ne vous écrit.
talk-sent-page = Lire la réponse sur votre page
talk-human-words = Écrivez à une personne de cette boutique. Il ne faut ni compte ni mot de passe : le lien du message nous dit qui vous êtes.
talk-fault-empty = Écrivez d’abord quelque chose.
talk-fault-long = Le texte ou l’objet est trop long, ou l’adresse n’en est pas une.
talk-fault-many = Vous avez déjà beaucoup de conversations ouvertes. Poursuivez l’une d’elles, ou closez-en une.
talk-fault-unknown = Cette conversation n’existe pas.
talk-fault-closed = La conversation a été close entre-temps.
talk-fault-overtaken = Quelqu’un a dit ou fait quelque chose entre-temps. Lisez-le, puis envoyez ce que vous avez écrit.
talk-mail-subject = Réponse de { $site } : { $subject }
talk-mail-from = { $by }, de { $site }, vous a répondu :
talk-mail-reply = Répondez à cet e-mail pour continuer la conversation, ou lisez tout sur votre page :
talk-mail-read = Lisez tout et répondez sur votre page :
talk-mail-silence = Tant que cette conversation est ouverte, aucun programme ne vous écrit.
team-talks = Conversations
team-talks-words = Des personnes qui ont demandé à parler à un humain. Tant qu’une conversation est ouverte, aucun programme n’écrit à cette personne. Ce que vous ouvrez est consigné, et la personne le voit.
team-talks-none = Personne n’attend. Aucune conversation n’est ouverte.
team-talk-unread = Illisible pour l’instant : les données de la personne sont limitées
team-talk-waits = En attente depuis { $age }
team-talk-overdue = En retard : en attente depuis { $age }
team-talk-answered = Répondue, encore ouverte
team-talk-age = Ouverte depuis { $age }
team-talk-has = Chez { $by }
team-talk-free = Chez personne en particulier
team-talk-minutes = { $count -> 
    [one] une minute
   *[other] { $count } minutes
}
team-talk-hours = { $count -> 
    [one] une heure
   *[other] { $count } heures
}
team-talk-days = { $count -> 
    [one] un jour
   *[other] { $count } jours
}
team-talk-known = Ce qui est connu pour aider
team-talk-unmailed = La dernière réponse n’a pas pu être envoyée par e-mail. La personne la trouve sur sa page.
team-talk-answer = Votre réponse
team-talk-answer-words = Elle figure aussitôt sur la page de la personne, et part par e-mail si une adresse est connue. Signez comme dans une lettre.
team-talk-send = Envoyer la réponse
team-talk-take = Je la prends
team-talk-hand = Confier à
team-talk-hand-to = Un collègue
team-talk-close = La clore
team-talk-close-words = Les programmes peuvent de nouveau écrire à la personne, dans la mesure où elle l’autorise. Elle peut y revenir à tout moment.
team-talk-overtaken = Quelqu’un a été plus rapide : quelque chose a été dit ou fait entre-temps. Lisez-le ci-dessous ; votre texte est encore dans le formulaire, et rien n’a été envoyé.
team-talk-sent = Votre réponse est arrivée à la personne.
team-talk-closed = La conversation est close.
team-role-care = Service client
team-do-help = Lire les conversations des personnes et y répondre
team-count-talks = { $count -> 
    [one] Une personne attend une réponse
   *[other] { $count } personnes attendent une réponse
}
