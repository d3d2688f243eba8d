#![allow(clippy::all,clippy::pedantic,clippy::restriction,missing_docs,dead_code)]
#[path = "../tests/figures/corpus.rs"]
mod corpus;
use vocabulary::Language;
fn main(){
 for (language,name) in [(Language::Fr,"fr"),(Language::En,"en")] {
  let dir=format!("{}/corpus/{name}",env!("CARGO_MANIFEST_DIR"));
  let mut files:Vec<_>=std::fs::read_dir(&dir).unwrap().map(|f|f.unwrap().path()).collect(); files.sort();
  for f in files { let stem=f.file_stem().unwrap().to_str().unwrap().to_owned();
   let t=std::fs::read_to_string(&f).unwrap();
   for s in corpus::samples(&t){
    let text=corpus::text(language,&s);
    let pats:Vec<_>=honesty::by_patterns(&text).into_iter().map(|f|f.rule.id()).collect();
    println!("M\t{name}\t{stem}\t{}\t{}\t{}",s.label,pats.join(","),text.marketing);
    for w in honesty::weigh::windows(&text){
      let ch = if w.marks.keys().any(|m|m.starts_with("choice:")) {1}else{0};
      let m:Vec<&str>=w.marks.keys().map(|m|&**m).collect();
      println!("W\t{}\t{ch}\t{}",w.piece,m.join("\t"));
    }
   }}}}
