// Judge verifies a log folder with Go's own sumdb libraries, which share no code with ours.
//
//	judge verify FOLDER VKEY   signature, every entry, every inclusion proof, consistency
//	judge sign                 signs the text on stdin with the key on its first line
//	judge witnessed FILE LOG WITNESS   the signatures of a log and of a witness on a checkpoint
//
// Prints SOUND, or the first thing that is wrong; then leaves with status 1.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	switch {
	case len(os.Args) == 4 && os.Args[1] == "verify":
		verify(os.Args[2], os.Args[3])
	case len(os.Args) == 2 && os.Args[1] == "sign":
		sign()
	case len(os.Args) == 5 && os.Args[1] == "witnessed":
		witnessed(os.Args[2], os.Args[3], os.Args[4])
	default:
		fmt.Fprintln(os.Stderr, "usage: judge verify FOLDER VKEY | judge sign | judge witnessed FILE LOG WITNESS")
		os.Exit(2)
	}
}

// wrong prints the verdict and leaves.
func wrong(format string, values ...any) {
	fmt.Printf(format+"\n", values...)
	os.Exit(1)
}

func sign() {
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		wrong("INPUT %v", err)
	}
	secret, text, _ := strings.Cut(string(input), "\n")
	signer, err := note.NewSigner(secret)
	if err != nil {
		wrong("KEY %v", err)
	}
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		wrong("SIGN %v", err)
	}
	os.Stdout.Write(signed)
}

// A cosigner verifies signatures of type 4 (C2SP tlog-cosignature), which the library leaves to its caller.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	time uint64
}

func (c *cosigner) Name() string { return c.name }

func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	c.time = binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", c.time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func witnessed(file, log, witness string) {
	signed, err := os.ReadFile(file)
	if err != nil {
		wrong("FILE %v", err)
	}
	verifier, err := note.NewVerifier(log)
	if err != nil {
		wrong("KEY %v", err)
	}
	parts := strings.SplitN(witness, "+", 3)
	if len(parts) != 3 {
		wrong("WITNESS KEY %s", witness)
	}
	typed, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(typed) != 33 || typed[0] != 4 {
		wrong("WITNESS KEY %v", err)
	}
	digest := sha256.Sum256(append([]byte(parts[0]+"\n"), typed...))
	hash := binary.BigEndian.Uint32(digest[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		wrong("WITNESS KEY has the identifier %08x", hash)
	}
	cosigner := &cosigner{name: parts[0], hash: hash, key: ed25519.PublicKey(typed[1:])}
	opened, err := note.Open(signed, note.VerifierList(verifier, cosigner))
	if err != nil {
		wrong("NOTE %v", err)
	}
	if len(opened.Sigs) != 2 {
		wrong("UNSIGNED %d signatures are known", len(opened.Sigs))
	}
	fmt.Printf("WITNESSED %d\n", cosigner.time)
}

// A folder is a log as its tiles lie in files.
type folder string

func (f folder) Height() int { return height }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// Go's paths name the height, those of tlog-tiles do not.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := f.read(path)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) read(path string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(f), filepath.FromSlash(path)))
}

func (f folder) names(path string) []string {
	files, err := os.ReadDir(filepath.Join(string(f), path))
	if err != nil {
		wrong("FOLDER %v", err)
	}
	var names []string
	for _, file := range files {
		names = append(names, file.Name())
	}
	return names
}

// open verifies the signature of a checkpoint and reads it.
func open(signed []byte, verifiers note.Verifiers, name string) (tlog.Tree, error) {
	var tree tlog.Tree
	opened, err := note.Open(signed, verifiers)
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != name {
		return tree, fmt.Errorf("not a checkpoint of %s", name)
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

func verify(path, vkey string) {
	log := folder(path)
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		wrong("KEY %v", err)
	}
	verifiers := note.VerifierList(verifier)
	signed, err := log.read("checkpoint")
	if err != nil {
		wrong("CHECKPOINT %v", err)
	}
	tree, err := open(signed, verifiers, verifier.Name())
	if err != nil {
		wrong("CHECKPOINT %v", err)
	}

	leaves := checkEntries(log, tree)
	stored := checkTiles(log, tree, leaves)
	proofs := checkProofs(log, tree, verifiers, verifier.Name(), leaves)
	older := checkOlder(log, tree, verifiers, verifier.Name(), stored)
	fmt.Printf("SOUND %d entries, %d proofs, %d older checkpoints\n", tree.N, proofs, older)
}

// checkEntries holds every entry against its leaf hash, read from the tiles as any client of a log does.
func checkEntries(log folder, tree tlog.Tree) []tlog.Hash {
	var indexes []int64
	for n := int64(0); n < tree.N; n++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, n))
	}
	// In one call: each call authenticates its tiles anew.
	leaves, err := tlog.TileHashReader(tree, log).ReadHashes(indexes)
	if err != nil {
		wrong("TILES %v", err)
	}
	var bundle []byte
	for n := int64(0); n < tree.N; n++ {
		if n%256 == 0 {
			if len(bundle) != 0 {
				wrong("BUNDLE SURPLUS before %d", n)
			}
			tile := tlog.Tile{H: height, L: -1, N: n / 256, W: 256}
			if rest := tree.N - n; rest < 256 {
				tile.W = int(rest)
			}
			path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
			if bundle, err = log.read(path); err != nil {
				wrong("BUNDLE %v", err)
			}
		}
		if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
			wrong("BUNDLE CUT at %d", n)
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		if tlog.RecordHash(bundle[2:end]) != leaves[n] {
			wrong("ENTRY TAMPERED %d", n)
		}
		bundle = bundle[end:]
	}
	if len(bundle) != 0 {
		wrong("BUNDLE SURPLUS at the end")
	}
	return leaves
}

// checkTiles lets the library build the tree and all its tiles from the leaves, and compares. It does
// not lean on what TileHashReader authenticates: where several subtrees of the right edge lie in one
// tile, the one of x/mod 0.7.0 passes over as many full tiles, so that a changed one comes through.
func checkTiles(log folder, tree tlog.Tree, leaves []tlog.Hash) tlog.HashReader {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for n, leaf := range leaves {
		hashes, err := tlog.StoredHashesForRecordHash(int64(n), leaf, reader)
		if err != nil {
			wrong("TREE %v", err)
		}
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil || root != tree.Hash {
		wrong("ROOT is %v by the entries (%v)", root, err)
	}
	for _, tile := range tlog.NewTiles(height, 0, tree.N) {
		// Also lists narrower partial tiles, which only a log that grew slowly has.
		if width := tree.N>>(height*tile.L) - tile.N*256; width != int64(tile.W) && tile.W < 256 {
			continue
		}
		theirs, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			wrong("TREE %v", err)
		}
		ours, err := log.ReadTiles([]tlog.Tile{tile})
		if err != nil || !bytes.Equal(ours[0], theirs) {
			wrong("TILES %s differs (%v)", tile.Path(), err)
		}
	}
	return reader
}

// checkProofs reads the receipts and verifies each as its owner would.
func checkProofs(log folder, tree tlog.Tree, verifiers note.Verifiers, name string, leaves []tlog.Hash) int {
	names := log.names("proofs")
	for _, file := range names {
		text, err := log.read("proofs/" + file)
		if err != nil {
			wrong("PROOF %s %v", file, err)
		}
		head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
		lines := strings.Split(string(head), "\n")
		if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
			wrong("PROOF %s is not one", file)
		}
		entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
		if err != nil {
			wrong("PROOF %s %v", file, err)
		}
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
		if err != nil {
			wrong("PROOF %s %v", file, err)
		}
		var proof tlog.RecordProof
		for _, line := range lines[3:] {
			hash, err := tlog.ParseHash(line)
			if err != nil {
				wrong("PROOF %s %v", file, err)
			}
			proof = append(proof, hash)
		}
		signed, err := open(checkpoint, verifiers, name)
		if err != nil || signed != tree {
			wrong("PROOF %s has another checkpoint: %v", file, err)
		}
		leaf := tlog.RecordHash(entry)
		if err := tlog.CheckRecord(proof, signed.N, signed.Hash, index, leaf); err != nil {
			wrong("PROOF %s %v", file, err)
		}
		if leaf != leaves[index] || file != fmt.Sprintf("%d.tlog-proof", index) {
			wrong("PROOF %s is of another entry", file)
		}
	}
	return len(names)
}

// checkOlder verifies that the log continues each older checkpoint: with our proof, which must be the
// one the library makes.
func checkOlder(log folder, tree tlog.Tree, verifiers note.Verifiers, name string, reader tlog.HashReader) int {
	names := log.names("older")
	for _, file := range names {
		signed, err := log.read("older/" + file)
		if err != nil {
			wrong("OLDER %s %v", file, err)
		}
		old, err := open(signed, verifiers, name)
		if err != nil || strconv.FormatInt(old.N, 10) != file {
			wrong("OLDER %s %v", file, err)
		}
		text, err := log.read("consistency/" + file)
		if err != nil {
			wrong("CONSISTENCY %s %v", file, err)
		}
		var ours tlog.TreeProof
		for _, line := range strings.Fields(string(text)) {
			hash, err := tlog.ParseHash(line)
			if err != nil {
				wrong("CONSISTENCY %s %v", file, err)
			}
			ours = append(ours, hash)
		}
		if err := tlog.CheckTree(ours, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			wrong("CONSISTENCY %s %v", file, err)
		}
		theirs, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil || fmt.Sprint(theirs) != fmt.Sprint(ours) {
			wrong("CONSISTENCY %s differs from %v (%v)", file, theirs, err)
		}
	}
	return len(names)
}
