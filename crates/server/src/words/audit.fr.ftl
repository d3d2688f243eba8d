# Le rapport d’un audit.

audit-page = Audit du { $day }
audit-lead = Un programme a tiré au hasard des enregistrements du registre public, a réexaminé chacun d’eux et vérifié le registre entier. Rien sur cette page ne concerne une personne en particulier.
audit-sound = Aucune anomalie
audit-unsound = Des anomalies ont été trouvées
audit-findings = Anomalies
audit-done = Ce qui a été vérifié
audit-what = Quoi
audit-times = Combien de fois
audit-sample = Enregistrements tirés
audit-population = Entrées du registre dont ils sont tirés
audit-erased = Personnes dont le registre dit l’effacement
audit-limits = Ce qu’un audit ne peut pas montrer
audit-limit-gone = Une personne effacée emporte ses enregistrements : l’entrée du registre reste et se prouve, mais personne ne peut plus lire ce dont elle parlait.
audit-limit-closed = Là où la charte ne permet pas d’ouvrir les données d’une personne pour un audit, seule l’entrée publique a été vérifiée.
audit-limit-true = Un audit montre que ce qui est enregistré a été décidé selon ces règles ; il ne peut pas montrer que ce qui est venu de l’extérieur était vrai.
audit-check = Comment vérifier ce rapport
audit-check-how = Le rapport est une note signée ; son empreinte est une entrée du registre. N’importe qui peut refaire le tirage à partir du registre et de la graine.
audit-log = Registre
audit-root = Racine du registre
audit-size = Entrées du registre
audit-seed = Graine
audit-given = Nombre donné de l’extérieur
audit-retention = Jours de conservation permis des événements bruts et des clés de messages

# Ce qui peut être anormal.

audit-does-not-open = Un enregistrement scellé ne s’ouvre pas avec sa clé : sa ligne a été modifiée
audit-leaf-unreadable = La copie de l’entrée du registre dans un enregistrement est illisible
audit-not-in-log = Le registre ne contient pas l’entrée d’un enregistrement telle qu’elle a été signée
audit-leaf-differs = Le registre contient une autre entrée à la place d’un enregistrement
audit-details-differ = Les données ou le résultat ne sont pas ceux auxquels l’entrée du registre engage
audit-question-missing = Ce qui a été demandé à la charte n’est pas enregistré
audit-question-differs = Ce qui a été demandé à la charte n’est pas ce à quoi l’entrée du registre est liée
audit-question-unreadable = Ce qui a été demandé à la charte est illisible pour ce programme
audit-purpose-differs = La charte a été interrogée pour un autre usage que celui du registre
audit-verdict-differs = La charte de l’époque donne une autre réponse
audit-reasons-differ = La charte de l’époque donne d’autres raisons
audit-answer-impossible = La charte de l’époque ne donne cette réponse à aucune question
audit-consent-contradicted = Une décision repose sur un accord que la personne n’avait pas donné à ce moment
audit-charter-missing = Une charte à laquelle des enregistrements renvoient n’est pas conservée
audit-charter-damaged = Une charte conservée a été modifiée
audit-charter-unreadable = Une charte passée ne peut plus être interrogée par ce programme
audit-program-missing = Un modèle ou un dictionnaire auquel des enregistrements renvoient n’est pas conservé
audit-program-damaged = Un modèle ou un dictionnaire conservé a été modifié
audit-catalogue-missing = Un catalogue utilisé par des décisions n’est pas conservé
audit-catalogue-damaged = Un catalogue conservé a été modifié
audit-program-unreadable = Un modèle ou un catalogue passé est illisible pour ce programme
audit-outcome-differs = Le même programme décide autrement à partir des données enregistrées
audit-log-damaged = Le registre lui-même n’est pas ce qui a été signé
audit-record-missing = Des enregistrements ont disparu sans que personne ait été effacé
audit-artefact-damaged = Une pièce conservée ne correspond pas à son empreinte
audit-event-kept-too-long = Des événements bruts sont conservés plus longtemps que permis
audit-message-kept-too-long = Des clés de messages sont conservées plus longtemps que permis
audit-request-late = Une demande d’exercice d’un droit est en retard
audit-request-answered-late = Une demande d’exercice d’un droit a reçu une réponse tardive
audit-request-unreadable = Une demande d’exercice d’un droit conservée est illisible

# Ce qui est compté.

audit-opened = Ouverts et examinés
audit-executed-same = Décisions refaites, à l’octet près
audit-executed-different = Décisions refaites avec un autre résultat
audit-executed-impossible = Décisions qui n’ont pas pu être refaites
audit-permit-asked-again = Permissions redemandées, avec les faits de ce moment
audit-permit-possible = Réponses comparées à tout ce que la charte peut répondre
audit-closed = Non ouverts : la charte ne le permet pas
audit-gone = Disparus avec une personne effacée
audit-artefacts = Chartes, modèles et autres pièces comparés à leur empreinte
audit-requests = Demandes d’exercice d’un droit dont le délai a été vérifié
