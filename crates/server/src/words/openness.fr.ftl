# Les mots du curseur, de la jauge et de ce qui est dit des thèmes, français.

step-close = Au plus près de mes habitudes
step-near = Surtout ce que j’aime, avec un peu d’air
step-middle = Une part au-delà de mes habitudes
step-wide = Large
step-surprise = Surprenez-moi
step-close-words = La liste suit votre seul historique. Aucune place n’est gardée pour autre chose.
step-near-words = Un peu de variété. Une place sur dix est pour une découverte, une pour ce que peu de gens ont.
step-middle-words = Un cinquième au moins sort de vos thèmes habituels. Une place sur dix est pour une découverte, une pour ce que peu de gens ont.
step-wide-words = Un tiers au moins sort de vos thèmes habituels, et la variété pèse davantage.
step-surprise-words = La moitié au moins sort de vos thèmes habituels, et la variété pèse le plus.

openness-title = L’ouverture de vos listes
openness-lead = Vous décidez jusqu’où ce qu’on vous montre dépasse ce que vous connaissez. Cela compte dès la liste suivante, et personne d’autre ne peut le régler.
openness-legend = Ouverture
openness-off = La personnalisation est arrêtée : vos listes sont celles de tout le monde. Ce que vous choisissez ici comptera quand vous l’autoriserez de nouveau.
openness-discovery = Une place sur dix peut être une découverte, toujours signalée comme telle
openness-save = Enregistrer
openness-interests = Ce que vous dites des thèmes
openness-interests-words = Ce que vous déclarez passe avant ce qui est déduit de votre historique. Cela sert à vos listes et à rien d’autre. Les thèmes qui touchent à la santé, aux croyances ou à d’autres sujets intimes ne sont pas proposés ici, et personne n’est surpris avec eux.
openness-topic = Thème
openness-choose = Choisir un thème
openness-interested = Cela m’intéresse
openness-less = En montrer moins
openness-never = Ne rien en montrer
openness-take-back = Retirer
openness-is-interested = vous intéresse
openness-is-less = vous en voulez moins
openness-is-never = vous n’en voulez rien voir
openness-discoveries = Les dernières découvertes qu’on vous a montrées
openness-discovery-of = une découverte de « { $topic } »
openness-more-like-this = Plus comme cela
openness-less-like-this = Moins comme cela
openness-never-this = Plus jamais ceci
openness-answers-words = « Plus » fait du thème l’un de vos intérêts, « moins » divise par deux ce qui parle pour lui, « plus jamais » écarte cette chose précise. Chaque réponse compte aussitôt.

gauge-name = Votre bulle, mesurée
gauge-lead = Quatre chiffres simples sur les listes de votre chronologie, et les mêmes sur votre propre historique.
gauge-none = Il n’y a encore rien à mesurer.
gauge-lists = Vos listes
gauge-history = Votre historique
gauge-measure = Mesure
gauge-topics = Thèmes, comptés comme si tous pesaient autant
gauge-topics-of = { $topics } sur { $offered }
gauge-topics-say = Vos listes sont aussi variées que { $topics } thèmes de même poids ; l’ensemble de l’offre, que { $offered }.
gauge-apart = Distance à l’ensemble de l’offre
gauge-apart-say = 0 % serait le même mélange que l’ensemble de l’offre, 100 % rien de commun avec elle.
gauge-outside = Hors de vos habitudes
gauge-outside-say = La part de ce qu’on vous a montré qui sort de vos thèmes habituels.
gauge-shared = En commun avec tout le monde
gauge-shared-say = Ce que le mélange de thèmes a de commun avec celui de tous ensemble. Des autres, on n’utilise que des sommes, brouillées pour que personne n’y soit reconnaissable.
gauge-shared-none = Ce que vous avez en commun avec d’autres n’est pas dit : les sommes de ce site ne sont pas encore brouillées, et sans cela on ne les compare pas à vous.
gauge-not-told = pas dit
gauge-drawing = Les chiffres du tableau ci-dessous, en barres
gauge-promise = Votre curseur promet au moins { $share } hors de vos thèmes habituels dans chaque liste.

slot-outside = Hors de vos habitudes
slot-floor = Hors de vos habitudes : une place que votre curseur lui garde
slot-interest = D’un thème que vous avez choisi : une place lui est gardée
slot-discovery = Une découverte, hors de vos habitudes
slot-discovery-drawn = Tirée parmi { $among } choses vers lesquelles mène ce que vous aimez ; la chance de celle-ci était de { $chance }.
slot-exposure = Peu de gens l’ont, ou c’est nouveau : une place est gardée à ces choses
slot-exposure-drawn = Tirée parmi { $among } ; la chance de celle-ci était de { $chance }.

rule-muted = vous ne voulez jamais le voir
rule-muted-topic = vous ne voulez rien voir de son thème
rule-by-you = Écarté par vous
rule-by-shop = Écarté par la boutique

decision-dial = Votre curseur était sur « { $step } ».
decision-left-out = Ce qui a été écarté, et par qui
decision-other = { $cause }, la liste aurait aussi compté : { $names }.
decision-order = { $cause }, les mêmes choses dans un autre ordre.
cause-history = Sans « { $item } » dans votre historique
cause-muted = Sans votre « jamais » pour « { $item } »
cause-openness = Avec le curseur sur « { $step } »
cause-discovery-on = Avec les découvertes
cause-discovery-off = Sans les découvertes
cause-topic = Sans ce que vous avez dit de « { $topic } »
cause-off = Sans personnalisation
cause-categories = Si la page avait demandé toutes les catégories
cause-bought-out = Si la page avait écarté ce que vous avez déjà
cause-bought-in = Si la page n’avait pas écarté ce que vous avez déjà
cause-hidden = Si la boutique ne cachait pas « { $item } »
cause-stock = Si « { $item } » était en stock
cause-draw = Avec un autre tirage
cause-later = Demandée 90 jours plus tard
decision-nothing = Rien d’autre ne change cette liste : tout ce dont elle est faite a été retiré tour à tour, et elle est restée la même.
decision-more = { $count ->
    [one] { $count } autre
   *[other] { $count } autres
}
decision-tried = Trouvé en refaisant la liste sans chaque chose, tour à tour.

demo-steps = La même liste à chaque cran du curseur
demo-steps-words = Refaite à partir du même enregistrement, sans rien changer d’autre.
demo-answered = C’est noté. La liste suivante en tient déjà compte.

said-openness = C’est enregistré. Votre prochaine liste en tient déjà compte.
said-topic = C’est noté. Votre prochaine liste en tient déjà compte.
said-topic-back = C’est retiré.
said-no-topic = Rien n’a changé : ce thème n’existe pas ici, ou il est de ceux sur lesquels on ne demande rien.
act-prefer = Vous avez dit l’ouverture de vos listes : { $about }
about-openness = le curseur sur « { $step } »
about-discovery-on = avec des découvertes
about-discovery-off = sans découvertes
about-interested = « { $topic } » vous intéresse
about-less = moins de « { $topic } »
about-never = rien de « { $topic } »
about-none = plus rien de dit de « { $topic } »
about-anew = tout ce qui précède retiré

reason-interest = Vous avez choisi « { $item } » comme intérêt
reason-less = Vous voulez moins de « { $item } »
phrase-interest = vous avez choisi « { $item } » comme intérêt
phrase-less = vous voulez moins de « { $item } »

team-openness = Ouverture
team-openness-words = L’ouverture des listes de chaque emplacement. Une journée est dite quand elle est finie, à partir de 50 personnes, chacune comptée une fois ; le curseur, les intérêts et les réponses de personne ne sont montrés à l’équipe.
team-openness-people = Personnes comptées dans le modèle : { $people }
team-openness-placements = Par emplacement
team-openness-none = Aucune journée n’est encore dite : il en faut une finie, avec 50 personnes ou plus à un emplacement, depuis le démarrage de ce serveur.
team-openness-day = Jour
team-openness-who = Personnes
team-openness-outside = Hors des thèmes habituels de la personne
team-openness-discoveries = Places qui étaient des découvertes
team-openness-exposures = Places gardées aux choses rares ou nouvelles
team-openness-drawing = Une barre par emplacement, dans l’ordre du tableau ci-dessous.
