//! The orders of a British gift shop, 2010-12 to 2011-12: UCI Online Retail (Chen, D., 2015, doi
//! 10.24432/C5BW33, CC BY 4.0) in the compact form that `demo/data/README.md` describes.

use flate2::read::GzDecoder;
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read};
use vocabulary::{Catalogue, Interaction, Item, ItemId, Moment};

/// An order of one customer.
#[derive(Clone, PartialEq, Debug)]
pub struct Order {
    /// The shop's number of the customer.
    pub customer: u32,
    /// The shop's number of the invoice; every order has its own.
    pub invoice: u32,
    /// When it was placed; the shop's wall clock is read as UTC.
    pub at: Moment,
    /// What was ordered, each product once.
    pub lines: Vec<Line>,
}

/// One product of an order.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// Which product.
    pub product: ItemId,
    /// How many, at least 1.
    pub quantity: u32,
    /// Price of one, in pence, at least 1.
    pub price_minor: i64,
}

/// Why the data cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A line is not as `demo/data/README.md` says.
    #[error("line {line} of {file}: {why}; make the file again with `demo/data/prepare.py`")]
    Line {
        /// Which file.
        file: &'static str,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The bytes cannot be read or unpacked.
    #[error("{file} cannot be read: {source}")]
    Read {
        /// Which file.
        file: &'static str,
        /// What the reader said.
        source: std::io::Error,
    },
}

const ORDERS: &str = "orders.txt.gz";
const CATALOGUE: &str = "catalogue.tsv";
/// No line of the data is longer.
const MOST_BYTES: u64 = 64 * 1024;

/// The orders that come with the program, the earliest first.
///
/// # Errors
/// None unless the program was built with damaged data.
pub fn shipped_orders() -> Result<Orders<&'static [u8]>, Error> {
    orders(
        include_bytes!("../../../demo/data/orders.txt.gz"),
        &shipped_catalogue()?,
    )
}

/// The catalogue that comes with the program.
///
/// # Errors
/// None unless the program was built with damaged data.
pub fn shipped_catalogue() -> Result<Catalogue, Error> {
    catalogue(include_str!("../../../demo/data/catalogue.tsv"))
}

/// A stream of orders from gzip-compressed bytes; usual prices come from the catalogue. One order is in
/// memory at a time.
///
/// # Errors
/// None yet; each order may be one.
pub fn orders<R: Read>(packed: R, catalogue: &Catalogue) -> Result<Orders<R>, Error> {
    let usual = catalogue
        .items()
        .iter()
        .map(|item| (item.id.clone(), item.price_minor))
        .collect();
    Ok(Orders {
        lines: BufReader::new(GzDecoder::new(packed)),
        usual,
        line: 0,
    })
}

/// An iterator over orders; see [`orders`].
pub struct Orders<R: Read> {
    lines: BufReader<GzDecoder<R>>,
    usual: HashMap<ItemId, i64>,
    line: usize,
}

impl<R: Read> Iterator for Orders<R> {
    type Item = Result<Order, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut text = String::new();
        self.line += 1;
        match (&mut self.lines).take(MOST_BYTES).read_line(&mut text) {
            Ok(0) => None,
            Ok(_) => Some(self.parse(&text).map_err(|why| Error::Line {
                file: ORDERS,
                line: self.line,
                why,
            })),
            Err(source) => Some(Err(Error::Read { file: ORDERS, source })),
        }
    }
}

impl<R: Read> Orders<R> {
    fn parse(&self, text: &str) -> Result<Order, &'static str> {
        let text = text
            .strip_suffix('\n')
            .ok_or("it is cut off or longer than 64 KiB")?;
        let mut words = text.split(' ');
        let invoice = number(words.next())?;
        let minute: u32 = number(words.next())?;
        let customer = number(words.next())?;
        let mut lines = Vec::new();
        for word in words {
            let (word, price) = match word.split_once('@') {
                Some((word, price)) => (word, Some(number(Some(price))?)),
                None => (word, None),
            };
            let (product, quantity) = match word.split_once('*') {
                Some((product, quantity)) => (product, number(Some(quantity))?),
                None => (word, 1),
            };
            let product = ItemId::from(product);
            let usual = *self
                .usual
                .get(&product)
                .ok_or("a product is not in the catalogue")?;
            lines.push(Line {
                product,
                quantity,
                price_minor: price.unwrap_or(usual),
            });
        }
        if lines.is_empty() {
            return Err("an order has at least one product");
        }
        Ok(Order {
            customer,
            invoice,
            at: Moment(i64::from(minute) * 60_000),
            lines,
        })
    }
}

fn number<N: std::str::FromStr>(word: Option<&str>) -> Result<N, &'static str> {
    word.and_then(|word| word.parse().ok())
        .ok_or("a number was expected")
}

/// The catalogue of a `catalogue.tsv`.
///
/// # Errors
/// [`Error::Line`] where a line does not have its four columns.
pub fn catalogue(text: &str) -> Result<Catalogue, Error> {
    let mut items = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let wrong = |why| Error::Line {
            file: CATALOGUE,
            line: at + 1,
            why,
        };
        let mut columns = line.split('\t');
        let (Some(id), Some(name), Some(category), Some(price), None) = (
            columns.next(),
            columns.next(),
            columns.next(),
            columns.next(),
            columns.next(),
        ) else {
            return Err(wrong("four columns were expected"));
        };
        items.push(Item {
            id: ItemId::from(id),
            name: name.to_owned(),
            category: category.to_owned(),
            price_minor: number(Some(price)).map_err(wrong)?,
            hidden: false,
            in_stock: true,
            stock: None,
            prices: Vec::new(),
        });
    }
    Ok(Catalogue::new(items))
}

/// What each customer bought, as a history of the model: `bought` counts orders, nothing was viewed.
/// Customers and items ascending.
pub fn histories<'o>(orders: impl IntoIterator<Item = &'o Order>) -> BTreeMap<u32, Vec<Interaction>> {
    let mut people: BTreeMap<u32, BTreeMap<&ItemId, (u32, Moment)>> = BTreeMap::new();
    for order in orders {
        let person = people.entry(order.customer).or_default();
        for line in &order.lines {
            let (bought, last_at) = person.entry(&line.product).or_insert((0, order.at));
            *bought += 1;
            *last_at = (*last_at).max(order.at);
        }
    }
    let histories = people.into_iter().map(|(customer, items)| {
        let acts = items.into_iter().map(|(item, (bought, last_at))| Interaction {
            item: item.clone(),
            viewed: 0,
            added: 0,
            bought,
            last_at,
        });
        (customer, acts.collect())
    });
    histories.collect()
}
