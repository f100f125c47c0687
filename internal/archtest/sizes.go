package archtest

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
)

// How large things may grow before a reader loses the thread.
const (
	maxFileLines     = 500 // lines of a Go file, tests included
	maxFunctionLines = 60  // lines of a function, from func to the closing brace; not in tests
	maxPackageFiles  = 25  // files of a package; tests and generated files not counted
)

// sizeExceptions names what may be larger, with the reason: a file by its path, a
// function as path:Name or path:Type.Name, a package by its folder.
var sizeExceptions = map[string]string{}

// CheckSizes returns the files, functions and packages that are too large, and the
// exceptions that no longer are. Generated files are as large as they are.
func CheckSizes(tree *Tree, exceptions map[string]string) []Violation {
	var found []Violation
	used := map[string]bool{}
	report := func(key, pos string, got, limit int, what, do string) {
		switch {
		case got <= limit:
		case exceptions[key] != "":
			used[key] = true
		default:
			found = append(found, Violation{Pos: pos, What: fmt.Sprintf("%s %d, at most %d", what, got, limit), Do: do})
		}
	}
	for _, pkg := range tree.Packages {
		counted := 0
		for _, file := range pkg.Files {
			if file.Generated {
				continue
			}
			if !file.Test {
				counted++
			}
			report(file.Path, file.Path, file.Lines, maxFileLines, "lines in the file:",
				"split it by what it is about, one file for each thing a reader looks for")
		}
		report(pkg.Dir, pkg.Dir, counted, maxPackageFiles, "files in the package:",
			"split it by family into packages of their own")
		for file := range pkg.Sources {
			if file.Generated {
				continue
			}
			for _, fn := range functions(file) {
				report(file.Path+":"+functionName(fn), tree.pos(fn), tree.lines(fn), maxFunctionLines,
					"lines in "+functionName(fn)+":", "give its steps names of their own")
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(exceptions)) {
		if !used[key] {
			found = append(found, Violation{Pos: key, What: "excepted from the size rules and within them", Do: "remove its line from sizeExceptions"})
		}
	}
	return found
}

// functions returns the functions and methods that file declares.
func functions(file *File) []*ast.FuncDecl {
	var decls []*ast.FuncDecl
	for _, decl := range file.AST.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok {
			decls = append(decls, fn)
		}
	}
	return decls
}

// functionName returns Name, or Type.Name for a method.
func functionName(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	recv := fn.Recv.List[0].Type
	for {
		switch t := recv.(type) {
		case *ast.StarExpr:
			recv = t.X
		case *ast.IndexExpr:
			recv = t.X
		case *ast.IndexListExpr:
			recv = t.X
		case *ast.Ident:
			return t.Name + "." + fn.Name.Name
		default:
			return fn.Name.Name
		}
	}
}

// lines returns how many lines n covers.
func (t *Tree) lines(n ast.Node) int {
	return t.Fset.Position(n.End()).Line - t.Fset.Position(n.Pos()).Line + 1
}
