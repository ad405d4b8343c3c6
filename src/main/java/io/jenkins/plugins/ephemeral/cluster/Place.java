package io.jenkins.plugins.ephemeral.cluster;

import io.jenkins.plugins.ephemeral.outside.Urgency;

/** A place in the queue of a {@link RequestLimiter}, which guards it: by urgency, then by whose turn it is. */
final class Place implements Comparable<Place> {
    final Urgency urgency;
    final long number;
    /** Since when its holder waits. */
    final long sinceNanos;

    long dueNanos;
    boolean isLong;
    private final long arrival;

    /**
     * @param number how many places its party had before, from those on that were let through
     * @param arrival no two places have the same
     */
    Place(Urgency urgency, long number, long arrival, long sinceNanos, long dueNanos) {
        this.urgency = urgency;
        this.number = number;
        this.arrival = arrival;
        this.sinceNanos = sinceNanos;
        this.dueNanos = dueNanos;
    }

    /** The same place, before all that were not passed by for as long. */
    Place first() {
        Place first = new Place(Urgency.ENDING, Long.MIN_VALUE, arrival, sinceNanos, dueNanos);
        first.isLong = isLong;
        return first;
    }

    @Override
    public int compareTo(Place other) {
        int byUrgency = urgency.compareTo(other.urgency);
        int byNumber = byUrgency == 0 ? Long.compare(number, other.number) : byUrgency;
        return byNumber == 0 ? Long.compare(arrival, other.arrival) : byNumber;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Place && arrival == ((Place) other).arrival;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(arrival);
    }
}
