package playbook

// nearest returns the candidate that is likely meant by word, or "": at most two
// edits away, and at most a third of the word's length.
func nearest(word string, candidates []string) string {
	best, at := "", min(2, (len(word)+1)/3)+1
	for _, c := range candidates {
		if d := distance(word, c, at); d < at {
			best, at = c, d
		}
	}
	return best
}

// distance is the number of inserted, deleted, replaced or swapped letters
// between a and b, or limit where there are that many or more.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	before := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev = prev, row
	}
	return min(prev[len(b)], limit)
}
