//! Whatever the bytes: no panic, and faults with a place that is there.

use super::{demo, errors};
use program::{Files, Program};
use proptest::prelude::*;

fn hold(files: Files) {
    let lines = |file: &str| {
        let bytes = files.get(file).map(Vec::as_slice).unwrap_or_default();
        let open = bytes.last().is_some_and(|last| *last != b'\n');
        (bytes.iter().filter(|byte| **byte == b'\n').count() + usize::from(open)).max(1)
    };
    match Program::read(files.clone()) {
        Ok(program) => assert_eq!(Program::unpack(&program.pack()).unwrap(), program),
        Err(faults) => {
            assert!(faults.errors() > 0);
            for fault in faults.iter() {
                assert!(
                    (1..=lines(&fault.file)).contains(&(fault.mark.line as usize)),
                    "{fault}"
                );
                assert!(fault.mark.column > 0 && !fault.message.is_empty() && !fault.mend.is_empty());
                assert!(!fault.to_string().contains('\n'), "{fault}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_in_any_file_give_faults_with_a_place(
        at in any::<prop::sample::Index>(),
        bytes in prop_oneof![
            any::<Vec<u8>>(),
            "[-a-z: \n\\[\\]{}&*!|>'\"#?,]{0,60}".prop_map(String::into_bytes),
        ],
    ) {
        let mut files = demo();
        let path = at.get(&files.keys().cloned().collect::<Vec<_>>()).clone();
        files.insert(path, bytes);
        hold(files);
    }

    #[test]
    fn a_program_with_pieces_moved_gives_faults_with_a_place(
        at in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        paste in any::<prop::sample::Index>(),
        length in 1usize..60,
    ) {
        let mut files = demo();
        let path = at.get(&files.keys().cloned().collect::<Vec<_>>()).clone();
        let mut bytes = files[&path].clone();
        let from = cut.index(bytes.len());
        let to = (from + length).min(bytes.len());
        let piece: Vec<u8> = bytes.drain(from..to).collect();
        let place = paste.index(bytes.len() + 1);
        bytes.splice(place..place, piece);
        files.insert(path, bytes);
        hold(files);
    }

    #[test]
    fn a_misspelt_name_is_told_where_it_stands(name in "[a-z]{30,40}") {
        let found = errors(super::segment(&format!("segment: {name}")));
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!((found[0].mark.line, found[0].mark.column), (3, 12));
    }
}
