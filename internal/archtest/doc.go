// Package archtest holds the rules of this repository's shape as tests: which room
// may import which ([CheckImports]), how large a file, a function and a package may
// grow ([CheckSizes]), what library code must not do ([CheckCode]), what every
// package must say ([CheckPackages]), what stands beside an assembly file
// ([CheckAssembly]) and that the README's commands exist ([CheckCommands]).
//
// A rule reads a [Tree], the parsed files of a module, and returns each [Violation]
// with the change that it asks for. Files are read whatever their build constraints,
// so that one run sees the code of every tag and platform. Modules nested in the tree
// and folders that the go command leaves out (testdata, and names that begin with a
// dot or an underscore) are not read.
//
// Where a rule is wrong for a case, the case goes into the exceptions of that rule,
// with its reason; an exception that no longer excepts anything is a violation too.
package archtest
