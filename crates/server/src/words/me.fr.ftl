# Words of the person’s own page, French.

# The door
door-start = Vos données chez { $site }
door-start-words = Vous voyez ici ce que { $site } sait de vous, ce qui a été décidé avec ces données et pourquoi ; vous pouvez les changer, les emporter ou les effacer.
door-start-how = On entre par un lien de { $site }, ou par un lien reçu par courriel. Il n’y a pas de mot de passe.
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
