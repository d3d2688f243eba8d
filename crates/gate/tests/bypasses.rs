//! What the doors promise, the compiler holds: each bypass in `bypass/` must fail to compile, for
//! the reason written beside it.

#[test]
fn every_bypass_fails_to_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/bypass/*.rs");
}
