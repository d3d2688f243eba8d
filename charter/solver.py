"""Answers SMT-LIB 2 on standard input with the Python package `cvc5` (tried with 1.3.1).

`egard charter prove` starts this where there is no program `cvc5`. It reads one command at a time, whatever
the lines are, and writes what the solver says to it.
"""
import sys

import cvc5


def commands(lines):
    """The commands of the input, each as soon as its last bracket is there."""
    depth, quote, comment, text = 0, None, False, []
    for line in lines:
        for letter in line:
            if comment:
                comment = letter != "\n"
                continue
            if quote:
                if letter == quote:
                    quote = None
            elif letter == ";":
                comment = True
                continue
            elif letter in "\"|":
                quote = letter
            elif letter == "(":
                depth += 1
            elif letter == ")":
                depth -= 1
            text.append(letter)
            if depth == 0 and quote is None and letter == ")":
                yield "".join(text)
                text = []


def main():
    solver = cvc5.Solver(cvc5.TermManager())
    symbols = cvc5.SymbolManager(solver)
    parser = cvc5.InputParser(solver, symbols)
    parser.setIncrementalStringInput(cvc5.InputLanguage.SMT_LIB_2_6, "standard input")
    solver.setOption("tlimit-per", "60000")
    for text in commands(sys.stdin):
        parser.appendIncrementalStringInput(text)
        command = parser.nextCommand()
        if command.isNull():
            continue
        said = command.invoke(solver, symbols)
        if said:
            sys.stdout.write(said)
            sys.stdout.flush()
        if command.getCommandName() == "exit":
            return


main()
