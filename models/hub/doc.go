// Package hub fetches published models and keeps them.
//
//	h := hub.FromEnv(os.Getenv)
//	ref, err := hub.Parse("hf:sentence-transformers/all-MiniLM-L6-v2")
//	if err != nil { … }
//	path, err := h.Pull(ctx, ref) // a folder, or the file that the name ends in
//
// Names are
//
//	hf:owner/name           a repository of models, at its main branch
//	hf:owner/name@rev       at a branch, tag or commit
//	hf:owner/name/file      one graph of it, with what stands beside it
//	https://host/file       a file; #sha256=HEX behind it says what it must be
//	a path                  what is on the disk already
//
// The cache is laid out as Hugging Face's own programs lay out theirs, so that both use
// the same files:
//
//	models--owner--name/refs/main              the commit of a branch
//	models--owner--name/snapshots/COMMIT/file  a link to a blob
//	models--owner--name/blobs/ETAG             the bytes of a file, under their checksum
//
// A file is fetched under another name, and gets its own when its length and checksum
// are right: what is in the cache is whole. A connection that breaks is taken up where it
// broke, in the same call or the next. Nothing is trusted: not lengths, not names, not
// bytes.
package hub
