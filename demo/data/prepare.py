#!/usr/bin/env python3
"""Make the demo's compact copy of UCI Online Retail.

    python3 demo/data/prepare.py path/to/transactions.csv.gz

reads the original table (UTF-8 CSV, gzip, the eight columns of the UCI file) and writes, beside this
script, `orders.txt.gz` and `catalogue.tsv`. The same input gives the same bytes. README.md says what is
kept, what is left out, and what the two files look like.
"""

import collections
import csv
import datetime
import gzip
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent

# Category by the first rule that has a word of the product's name. The order carries the meaning: what
# the thing is for (Christmas, a child, a party) goes before what it is made of or looks like. These are
# our own labels; the original has none.
CATEGORIES = [
    # Nouns that say what a thing is, whatever is printed on it.
    ("stationery", "wrap notebook notebooks sketchbook sketchbooks bookcover scissor scissors"),
    ("textiles", "umbrella umbrellas cushion doormat apron"),
    ("kitchen", "mug mugs teacup teapot beaker fruitbowl"),
    ("christmas", "christmas xmas advent santa snowman reindeer bauble baubles nativity noel snowflake "
                  "snowflakes tinsel rudolph angel"),
    ("easter", "easter bunny chick egg eggs hen"),
    ("jewellery", "necklace bracelet earring earrings ring rings bangle brooch pendant choker jewellery "
                  "diamante charm charms anklet necklac bracelets tiara hairslide hairclip hairclips hair "
                  "cufflinks keyring keyrings"),
    ("bags", "bag bags handbag purse wallet shopper luggage backpack suitcase rucksack satchel holdall "
             "passport"),
    ("toys", "toy toys doll dolls dolly jigsaw puzzle game games spaceboy circus dinosaur dinosaurs "
             "childrens childs children kids girl girls boy baby babies teddy bear skittles dominoes "
             "playhouse marbles yoyo skipping soldiers snakes naughts ludo bingo whistle harmonica "
             "balloon balloons puppet puppets robot robots magnets feltcraft sticker stickers tattoos "
             "bouncy inflatable wobbly draughts pinball"),
    ("garden", "garden gardeners gardening plant watering flowerpot planter bird feeder birdhouse trellis "
               "parasol gnome trowel fork hammock deckchair picnic birdbath seed seeds grow greenhouse "
               "pot pots herb"),
    ("candles", "candle candles candleholder t-light t-lights lantern lanterns incense candlestick "
                "tealight lamp lampshade lights light oil fragrance scented pillar nightlight burner "
                "chandelier"),
    ("party", "party bunting napkin napkins doily doilies birthday confetti paperchain garland garlands "
              "wedding straws streamers tablecloth cracker crackers"),
    ("stationery", "card cards wrap notebook notebooks pencil pencils pen pens paper envelope envelopes "
                   "diary stamp stamps tape ribbon ribbons tissue tissues tag tags notepaper sketchbook "
                   "eraser erasers ruler sharpener memo calendar journal chalk chalkboard blackboard book "
                   "books postcard postcards writing notes crayon crayons chalks clipboard bookmark "
                   "address notelets scrapbook stationery gift folder passport letter"),
    ("crafts", "sewing knitting craft crochet yarn needle buttons button thimble felt knit wool patches "
               "stencil embroidery beads bead reel"),
    ("kitchen", "mug mugs cup cups teacup teapot tea coffee cake cakes cakestand plate plates bowl bowls "
                "cutlery spoon spoons knife jug jar jars tin tins bottle bottles glass glasses tumbler "
                "goblet wine beer kitchen baking recipe tray trays coaster coasters placemat placemats "
                "lunch snack bread biscuit biscuits butter cheese chopping colander grater cookie cutter "
                "cutters dish dishes saucer pantry jam jelly moulds mould scales timer kettle trivet "
                "corkscrew chocolate cocktail cases dinner breakfast ladle spatula whisk frying rolling "
                "measuring pudding sugar egg-cup napkinring decanter ice toast salt pepper carafe milk "
                "cream popcorn fruit platter flask sweets opener canister oven pan tiffin"),
    ("bathroom", "bath bathroom soap toilet towel towels toothbrush shower sponge washbag tissue-box talc "
                 "perfume cosmetic manicure nail"),
    ("textiles", "cushion cushions throw blanket apron curtain quilt pillow rug doormat doorstop cosy tablecloth "
                 "scarf scarves gloves slippers socks hat hats cape umbrella umbrellas raincoat poncho "
                 "warmer warmers hot-water tea-towel fan sarong shawl stole cover flannel bedside"),
    ("storage", "storage box boxes basket baskets drawer drawers cabinet rack tidy hook hooks hanger "
                "hangers shelf crate bin cupboard holder caddy stand wicker knob knobs pegs peg coat "
                "trunk chest trinket organiser bucket stool"),
    ("decoration", "decoration decorations decorative sign signs hanging wall frame frames mirror mirrors "
                   "clock clocks ornament art wreath vase photo picture letters font heart hearts star "
                   "stars flower flowers chime mobile statue block word home bell bells tree poster plaque "
                   "tile rose butterfly butterflies feather metal wooden ceramic figurine barometer globe "
                   "postage-plate dec hangings zinc enamel drop string"),
]
RULES = [(name, frozenset(words.split())) for name, words in CATEGORIES]

# Words that keep their capitals in a name.
CAPITALS = {"i", "uk", "usa", "lola", "london", "paris", "england", "french", "english", "christmas",
            "easter", "santa", "charlotte", "boudicca", "edwardian", "victorian", "scandinavian", "noel",
            "swiss", "chelsea", "parisienne", "moroccan", "russian", "japanese", "vip", "gin", "tv"}
SHOUTED = {"uk", "usa", "vip", "tv"}

# Services that carry a product's code.
SERVICES = {"PACKING CHARGE", "NEXT DAY CARRIAGE"}

PRODUCT = re.compile(r"^\d{5}[A-Z]{0,2}$")


def clean(name):
    """The name as people read it: one space between words, a capital at the start, no shouting."""
    name = re.sub(r"\s+", " ", name.replace("\t", " ")).strip(" .,*")
    name = re.sub(r"\s*,\s*", ", ", name)
    words = []
    for at, word in enumerate(name.split(" ")):
        low = word.lower()
        bare = low.strip("\"'(),!?")
        if bare in SHOUTED:
            words.append(word.upper())
        elif at == 0 or bare in CAPITALS:
            words.append(re.sub(r"[a-z]", lambda first: first.group().upper(), low, count=1))
        else:
            words.append(low)
    return " ".join(words)


def category(name):
    """The label of the first rule with a word of `name`; `other` where none fits."""
    words = frozenset(re.findall(r"[a-z]+(?:-[a-z]+)?", name.lower()))
    words |= frozenset(part for word in words for part in word.split("-"))
    return next((label for label, rule in RULES if words & rule), "other")


def median(values):
    """The lower median: an amount that was really asked."""
    values = sorted(values)
    return values[(len(values) - 1) // 2]


def main(source):
    left_out = collections.Counter()
    orders = {}
    names = collections.defaultdict(collections.Counter)
    prices = collections.defaultdict(list)
    with gzip.open(source, "rt", encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            code = row["StockCode"].strip().upper()
            quantity = int(row["Quantity"])
            pence = round(float(row["UnitPrice"]) * 100)
            if not row["CustomerID"]:
                left_out["without a customer"] += 1
            elif row["InvoiceNo"].startswith("C") or quantity <= 0:
                left_out["cancelled or returned"] += 1
            elif not PRODUCT.match(code) or row["Description"].strip() in SERVICES:
                left_out["postage, fees, manual corrections"] += 1
            elif pence <= 0:
                left_out["without a price"] += 1
            else:
                at = datetime.datetime.fromisoformat(row["InvoiceDate"])
                minute = int(at.replace(tzinfo=datetime.timezone.utc).timestamp()) // 60
                head, lines = orders.setdefault(
                    int(row["InvoiceNo"]), ((minute, int(row["CustomerID"])), {}))
                if head[1] != int(row["CustomerID"]):
                    raise SystemExit(f"invoice {row['InvoiceNo']} names two customers")
                # A product that stands on several lines of one invoice becomes one line.
                known = lines.get(code)
                lines[code] = (quantity + (known[0] if known else 0), known[1] if known else pence)
                names[code][row["Description"].strip()] += 1
                prices[code].append(pence)

    usual = {code: median(seen) for code, seen in prices.items()}
    with open(HERE / "catalogue.tsv", "w", encoding="utf-8", newline="\n") as out:
        labels = collections.Counter()
        for code in sorted(usual):
            # The most frequent description; of equals the first in the alphabet.
            name = clean(min(names[code].items(), key=lambda entry: (-entry[1], entry[0]))[0])
            labels[category(name)] += 1
            out.write(f"{code}\t{name}\t{category(name)}\t{usual[code]}\n")

    text = []
    for invoice, ((minute, customer), lines) in sorted(orders.items(), key=lambda o: (o[1][0][0], o[0])):
        parts = []
        for code, (quantity, pence) in sorted(lines.items()):
            part = code
            if quantity != 1:
                part += f"*{quantity}"
            if pence != usual[code]:
                part += f"@{pence}"
            parts.append(part)
        text.append(f"{invoice} {minute} {customer} {' '.join(parts)}\n")
    with open(HERE / "orders.txt.gz", "wb") as raw:
        # No name and no time in the gzip header: the same input gives the same bytes.
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=raw, mtime=0) as out:
            out.write("".join(text).encode("ascii"))

    kept = sum(len(lines) for _, lines in orders.values())
    people = len({head[1] for head, _ in orders.values()})
    print(f"{len(orders)} orders, {kept} lines, {people} customers, {len(usual)} products")
    print("left out:", ", ".join(f"{count} {why}" for why, count in left_out.most_common()))
    print("categories:", ", ".join(f"{label} {count}" for label, count in labels.most_common()))
    print("orders.txt.gz:", (HERE / "orders.txt.gz").stat().st_size, "bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
