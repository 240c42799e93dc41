//! The words of GS1's vocabulary: every one is there, and what we say in them reads back.

use std::collections::BTreeSet;

use onhand::cbv::{Document, Term, Vocabulary, WORDS, Word};
use onhand::kind::Ledger;
use onhand::{Kind, Outside, StockState};

#[test]
fn every_word_is_there_once_in_the_order_of_the_alphabet() {
    let of = |vocabulary| -> Vec<&str> {
        WORDS.iter().filter(|word| word.vocabulary == vocabulary).map(|word| word.word).collect()
    };
    // As many as CBV 2.0 has.
    for (vocabulary, count) in
        [(Vocabulary::Step, 41), (Vocabulary::Disposition, 33), (Vocabulary::Transaction, 12)]
    {
        let words = of(vocabulary);
        assert_eq!(words.len(), count, "{vocabulary:?}");
        assert!(words.is_sorted_by(|one, other| one < other), "{vocabulary:?}");
    }
    // What is not read says why.
    assert!(WORDS.iter().all(|word| word.reads.is_some() || !word.note.is_empty()));
}

#[test]
fn what_is_said_reads_back() {
    let mut own: BTreeSet<String> = BTreeSet::new();
    let mut words = 0;
    for term in Term::all() {
        // Our own URI is one for each term, and always reads back as itself.
        assert_eq!(Term::read(&term.own_uri()), Some(term));
        assert!(own.insert(term.own_uri()), "{term:?} shares its URI");
        let Some(word) = term.word() else {
            assert_eq!(term.uri(), term.own_uri());
            continue;
        };
        words += 1;
        assert_eq!(term.uri(), word.uri());
        let read = Term::read(&term.uri()).unwrap_or_else(|| panic!("{} is not read", word.word));
        // A word that is shared reads as the one that it is said for first, and is said for that one again.
        assert_eq!(read.uri(), term.uri(), "{term:?}");
        let shared = [
            Term::Kind(Kind::TransferReceive),
            Term::Kind(Kind::ReturnReceive),
            Term::Kind(Kind::TransferPick),
            Term::Kind(Kind::TransferShip),
            Term::Kind(Kind::HandOver),
        ];
        assert_eq!(read == term, !shared.contains(&term), "{term:?} reads as {read:?}");
    }
    assert_eq!(words, 30, "terms that CBV has a word for");
}

#[test]
fn every_word_reads_in_both_forms_and_no_other_text_does() {
    for word in WORDS {
        let web = word.uri();
        let older = web
            .replace("https://ref.gs1.org/cbv/BizStep-", "urn:epcglobal:cbv:bizstep:")
            .replace("https://ref.gs1.org/cbv/Disp-", "urn:epcglobal:cbv:disp:")
            .replace("https://ref.gs1.org/cbv/BTT-", "urn:epcglobal:cbv:btt:");
        assert_ne!(web, older);
        for uri in [&web, &older] {
            assert_eq!(Term::read(uri), word.reads, "{uri}");
            assert_eq!(Word::read(uri).map(|one| one.word), Some(word.word));
        }
        assert_eq!(Term::read(word.word), None);
        assert_eq!(Word::read(&format!("{web}x")).map(|one| one.word), None);
    }
    for text in
        ["", "https://ref.gs1.org/cbv/", "https://ref.gs1.org/cbv/Disp-shipping", "urn:epcglobal:cbv:btt:"]
    {
        assert_eq!(Term::read(text), None, "{text}");
    }
    let own = Term::State(StockState::Quarantined).own_uri();
    assert_eq!(Term::read(&own.replace("quarantined", "elsewhere")), None);
}

/// The words that a partner's system would trip over.
#[test]
fn a_claim_on_goods_is_no_reserving_and_picked_goods_are_not_reserved() {
    for term in
        [Term::Kind(Kind::Reserve), Term::State(StockState::Picked), Term::State(StockState::Quarantined)]
    {
        assert!(term.word().is_none(), "{term:?}");
    }
    for word in ["BizStep-reserving", "Disp-reserved", "Disp-unknown", "BizStep-sampling"] {
        assert_eq!(Term::read(&format!("https://ref.gs1.org/cbv/{word}")), None, "{word}");
    }
    let reads = |word: &str| Term::read(&format!("https://ref.gs1.org/cbv/Disp-{word}"));
    assert_eq!(reads("sellable_not_accessible"), Some(Term::State(StockState::Sellable)));
    assert_eq!(reads("non_sellable_other"), Some(Term::State(StockState::Quarantined)));
    assert_eq!(reads("stolen"), Some(Term::Account(Outside::Shrink)));
    assert_eq!(Document::from(Ledger::Transfer), Document::Transfer);
    assert_eq!(Term::Document(Ledger::Transfer.into()).uri(), "https://ref.gs1.org/cbv/BTT-desadv");
}
