// Package faceeval measures face detectors against labelled pictures: recall
// and average precision. It reads dlib's XML lists; package finetune/data reads
// other forms of labels.
package faceeval
