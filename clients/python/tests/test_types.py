"""The package is typed, and needs the standard library only."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import unittest

from .support import ROOT

PACKAGE = ROOT / "clients" / "python" / "flowlab"
OPTIMIZER = ROOT / "examples" / "optimizer.py"
SOURCES = {path.name: ast.parse(path.read_text()) for path in sorted(PACKAGE.glob("*.py"))}


class SourceTests(unittest.TestCase):
    def test_only_the_standard_library_is_imported(self) -> None:
        for name, tree in SOURCES.items():
            for node in ast.walk(tree):
                roots = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.level == 0:
                    roots.append(node.module or "")
                for root in roots:
                    self.assertIn(root.partition(".")[0], sys.stdlib_module_names, name)

    def test_every_function_says_what_it_takes_and_gives(self) -> None:
        """Without a type checker too."""
        for name, tree in SOURCES.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    with self.subTest(f"{name}:{node.lineno} {node.name}"):
                        self.assertIsNotNone(node.returns)
                        taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs,
                                 *filter(None, (node.args.vararg, node.args.kwarg))]
                        bare = {each.arg for each in taken if each.annotation is None}
                        self.assertLessEqual(bare, {"self", "cls"})
        self.assertTrue((PACKAGE / "py.typed").exists())

    @unittest.skipUnless(shutil.which("mypy"), "mypy is not installed: apt-get install mypy")
    def test_mypy_has_no_complaint(self) -> None:
        ran = subprocess.run(
            ["mypy", "--strict", "--cache-dir", os.devnull, str(PACKAGE), str(OPTIMIZER)], cwd=PACKAGE.parent,
            env={**os.environ, "MYPYPATH": str(PACKAGE.parent)}, capture_output=True, text=True, timeout=120,
            check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_the_example_is_twenty_lines_of_code(self) -> None:
        """Without its doc string, imports, comments and blank lines."""
        body = ast.parse(OPTIMIZER.read_text()).body[1:]
        code = [node for node in body if not isinstance(node, ast.Import)]
        lines = OPTIMIZER.read_text().splitlines()[code[0].lineno - 1:]
        counted = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
        self.assertLessEqual(len(counted), 20)
        self.assertNotIn(";", "".join(counted), "nor are they longer for it")
        self.assertLessEqual(max(map(len, counted)), 120)


if __name__ == "__main__":
    unittest.main()
