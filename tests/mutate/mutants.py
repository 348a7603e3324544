"""Finds the mutants of a C file: the small changes of its code that a test should notice. clang says where each expression
and statement stands (-ast-dump=json); every change is an edit of the file's text."""

import json
import re
import subprocess
from dataclasses import dataclass

COMPARISONS = {"==": ["!="], "!=": ["=="], "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"]}
LOGIC = {"&&": ["||"], "||": ["&&"]}
ARITHMETIC = {"+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["/"], "&": ["|"], "|": ["&"], "^": ["&"], "<<": [">>"],
              ">>": ["<<"], "+=": ["-="], "-=": ["+="], "*=": ["/="], "/=": ["*="], "|=": ["=", "&="], "&=": ["=", "|="],
              "<<=": [">>="], ">>=": ["<<="], "^=": ["="]}
UNARY = {"++": ["--"], "--": ["++"], "-": [""], "~": [""]}
BODIES = {"CompoundStmt", "IfStmt", "WhileStmt", "DoStmt", "ForStmt", "CaseStmt", "DefaultStmt", "LabelStmt"}
SHOWN = 50  # characters of the text on either side of a change that stand in its name


@dataclass
class Mutant:
    file: str
    line: int
    function: str
    operator: str
    before: str
    after: str
    start: int
    end: int
    text: str
    number: int = 1  # of those in the function that read alike

    @property
    def key(self):
        """What names the mutant where lines have moved."""
        again = f" #{self.number}" if self.number > 1 else ""
        return f"{self.file} {self.function} {self.operator}{again}: {self.before} -> {self.after}"

    def __str__(self):
        return self.key.replace(self.file, f"{self.file}:{self.line}", 1)

    def apply(self, source):
        return source[:self.start] + self.text + source[self.end:]


class Finder:
    def __init__(self, file, source):
        self.file, self.source = file, source
        self.found, self.seen, self.alike = [], set(), {}
        self.function, self.returns = "", ""

    # --- where a node stands -------------------------------------------------------------------

    def after_macro(self, offset):
        """The end of the macro call that begins at OFFSET."""
        end = re.compile(r"\w+").match(self.source, offset).end()
        arguments = re.compile(r"\s*\(").match(self.source, end)
        if not arguments:
            return end
        depth = 0
        for token in re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[()]').finditer(self.source, end):
            depth += {"(": 1, ")": -1}.get(token.group(), 0)
            if depth == 0:
                return token.end()
        return end

    def span(self, node):
        """The text from its first to its last token, or None where it is not in the file. Text in a macro's argument counts
        where it is written; what a macro's body makes is the macro's call."""
        begin, end = (node.get("range", {}).get(side, {}) for side in ("begin", "end"))
        first, last = begin.get("expansionLoc"), end.get("expansionLoc")
        if first and last and first.get("isMacroArgExpansion") and last.get("isMacroArgExpansion") and first["offset"] == last["offset"]:
            begin, end, first, last = begin["spellingLoc"], end["spellingLoc"], None, None
        begin, end = first or begin, last or end
        if "offset" not in begin or "offset" not in end or "includedFrom" in begin or "includedFrom" in end:
            return None
        return begin["offset"], self.after_macro(end["offset"]) if last else end["offset"] + end["tokLen"]

    def text(self, node):
        span = self.span(node)
        return self.source[slice(*span)] if span else ""

    # --- what is found -------------------------------------------------------------------------

    def add(self, operator, shown, start, end, text):
        """A mutant: TEXT in place of START to END, within the node at SHOWN."""
        if self.source[start:end] == text or (start, end, text) in self.seen:
            return
        self.seen.add((start, end, text))
        first, last = max(shown[0], start - SHOWN), min(shown[1], end + SHOWN)
        old = self.source[start:end]
        if len(old) > 2 * SHOWN:
            old = old[:SHOWN] + "..." + old[-SHOWN:]
        before, after = (("..." if first > shown[0] else "") + " ".join((self.source[first:start] + middle + self.source[end:last]).split())
                         + ("..." if last < shown[1] else "") for middle in (old, text))
        line = self.source.count("\n", 0, start) + 1
        mutant = Mutant(self.file, line, self.function, operator, before, after or "(nothing)", start, end, text)
        key = mutant.key  # which the number changes
        mutant.number = self.alike[key] = self.alike.get(key, 0) + 1
        self.found.append(mutant)

    def swap(self, operator, node, left, right, choices):
        """Other operators in place of the one between two nodes. One that a macro's body has is not there to be found."""
        before, behind, whole = self.span(left), self.span(right), self.span(node)
        if not (before and behind and whole and before[1] <= behind[0]):
            return
        between = re.fullmatch(r"[\s)]*(%s)[\s(]*" % re.escape(node["opcode"]), self.source[before[1]:behind[0]])
        if between:
            start, end = (before[1] + at for at in between.span(1))
            for choice in choices:
                self.add(operator, whole, start, end, choice)

    def binary(self, node):
        opcode = node["opcode"]
        for operator, table in (("comparison", COMPARISONS), ("logic", LOGIC), ("arithmetic", ARITHMETIC)):
            if opcode in table:
                self.swap(operator, node, *node["inner"], table[opcode])

    def unary(self, node):
        span, opcode = self.span(node), node["opcode"]
        if not span or opcode not in (*UNARY, "!"):
            return
        start = span[1] - len(opcode) if node.get("isPostfix") else span[0]
        if self.source[start:start + len(opcode)] == opcode:
            for choice in UNARY.get(opcode, [""]):
                self.add("logic" if opcode == "!" else "arithmetic", span, start, start + len(opcode), choice)

    def constant(self, node):
        span, text = self.span(node), self.text(node)
        if text in ("true", "false"):
            self.add("constant", span, *span, "false" if text == "true" else "true")
        elif re.fullmatch(r"\d[\w]*|'.*'", text):
            self.add("constant", span, *span, f"({text} + 1)")
            if node["kind"] == "IntegerLiteral" and node["value"] != "0":
                self.add("constant", span, *span, f"({text} - 1)")

    def condition(self, node, which, values):
        """A condition that always holds, or never."""
        span = self.span(which)
        keyword = {"IfStmt": "if", "WhileStmt": "while", "ForStmt": "for", "DoStmt": "do"}.get(node["kind"], "")
        whole = self.span(node)
        if not span or not whole or not self.source.startswith(keyword, whole[0]) or self.text(which) in ("true", "false", "1"):
            return
        if not keyword and not re.match(r"[\s)]*\?", self.source[span[1]:]):
            return
        for value in values:
            self.add("condition", span, *span, value)

    def conditions(self, node):
        inner, kind = node["inner"], node["kind"]
        if kind in ("IfStmt", "ConditionalOperator"):
            self.condition(node, inner[0], ("1", "0"))
        elif kind == "WhileStmt":
            self.condition(node, inner[0], ("0",))
        elif kind == "DoStmt":
            self.condition(node, inner[-1], ("0",))
        elif kind == "ForStmt" and inner[2].get("kind"):
            self.condition(node, inner[2], ("0",))

    def statements(self, node):
        """A statement that is left out: an expression, or a jump. `(void)name` does nothing."""
        bodies = node["inner"]
        if node["kind"] != "CompoundStmt":
            bodies = [bodies[0]] if node["kind"] == "DoStmt" else bodies[1:] if node["kind"] == "IfStmt" else bodies[-1:]
        for child in bodies:
            kind, span = child.get("kind", ""), self.span(child)
            jump = kind in ("BreakStmt", "ContinueStmt", "GotoStmt") or kind == "ReturnStmt" and not child.get("inner")
            expression = kind.endswith(("Expr", "Operator")) and kind != "ConstantExpr"
            if span and (jump or expression) and not re.fullmatch(r"\(void\)\s*\w+", self.text(child)):
                self.add("statement", span, *span, "")

    def result(self, node):
        """Another value in a return."""
        value = node.get("inner", [None])[0]
        span, text = value and self.span(value), value and self.text(value)
        if not span or not self.source.startswith("return", (self.span(node) or span)[0]) or text in ("true", "false", "0", "NULL"):
            return
        if self.returns in ("bool", "_Bool"):
            self.add("return", span, *span, f"!({text})")
        elif not self.returns.startswith(("struct ", "const struct ", "union ")):
            self.add("return", span, *span, "0")

    def case(self, node):
        """A label that is left out, so that its value goes to the default."""
        span = self.span(node)
        label = span and re.compile(r"(case\b[^:?]*|default\s*):").match(self.source, span[0])
        if label:
            self.add("case", label.span(), *label.span(), "")

    def entries(self, node):
        """The function of a table's entry in place of the one before it."""
        functions = [entry for entry in node.get("inner", []) if entry.get("castKind") == "FunctionToPointerDecay" and self.span(entry)]
        for entry, following in zip(functions, functions[1:] + functions[:1]):
            span = self.span(entry)
            self.add("entry", span, *span, self.text(following))

    def visit(self, node):
        kind = node.get("kind")
        if kind in ("BinaryOperator", "CompoundAssignOperator"):
            self.binary(node)
        elif kind == "UnaryOperator":
            self.unary(node)
        elif kind in ("IntegerLiteral", "CharacterLiteral"):
            self.constant(node)
        elif kind == "ReturnStmt":
            self.result(node)
        elif kind == "InitListExpr":
            self.entries(node)
        if kind in ("IfStmt", "WhileStmt", "DoStmt", "ForStmt", "ConditionalOperator"):
            self.conditions(node)
        if kind in BODIES and "inner" in node:
            self.statements(node)
        if kind in ("CaseStmt", "DefaultStmt"):
            self.case(node)
        if kind != "UnaryExprOrTypeTraitExpr":  # sizeof evaluates nothing
            for child in node.get("inner", []) + node.get("array_filler", []):
                self.visit(child)

    def declaration(self, node):
        """A function's body, a table, or the values of an enum, where the file itself has it."""
        if "includedFrom" in node.get("loc", {}) or node["kind"] not in ("FunctionDecl", "VarDecl", "EnumDecl") or node.get("isImplicit"):
            return
        self.function = node.get("name", "enum")
        self.returns = node.get("type", {}).get("qualType", "").split("(")[0].strip()
        self.visit(node)


def find(file, source, flags):
    """The mutants of FILE, whose text is SOURCE, in the order of the text. FLAGS are the compiler's."""
    tree = subprocess.run(["clang", "-fsyntax-only", "-w", *flags, "-Xclang", "-ast-dump=json", file], check=True, stdout=subprocess.PIPE)
    finder = Finder(file, source)
    for node in json.loads(tree.stdout)["inner"]:
        finder.declaration(node)
    return sorted(finder.found, key=lambda mutant: (mutant.start, mutant.end, mutant.text))
