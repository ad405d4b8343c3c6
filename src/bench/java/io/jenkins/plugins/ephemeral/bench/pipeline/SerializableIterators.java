package io.jenkins.plugins.ephemeral.bench.pipeline;

import java.io.Serializable;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/** Groovy category: loops of a program iterate in a way that can be saved, which Java's own iterators and views cannot. */
public final class SerializableIterators {
    private SerializableIterators() {}

    public static <T> Iterator<T> iterator(List<T> list) {
        // a range, for one, is a list that cannot be saved
        return new ByIndex<>(list instanceof Serializable ? list : new ArrayList<>(list));
    }

    public static <T> Iterator<T> iterator(Set<T> set) {
        return new ByIndex<>(new ArrayList<>(set));
    }

    public static <T> Iterator<T> iterator(T[] array) {
        return new ByIndex<>(new ArrayList<>(Arrays.asList(array)));
    }

    public static <K, V> Iterator<Map.Entry<K, V>> iterator(Map<K, V> map) {
        return iterator(entrySet(map));
    }

    public static <K, V> Set<Map.Entry<K, V>> entrySet(Map<K, V> map) {
        Set<Map.Entry<K, V>> entries = new LinkedHashSet<>();
        map.forEach((key, value) -> entries.add(new AbstractMap.SimpleImmutableEntry<>(key, value)));
        return entries;
    }

    public static <K> Set<K> keySet(Map<K, ?> map) {
        return new LinkedHashSet<>(map.keySet());
    }

    public static <V> List<V> values(Map<?, V> map) {
        return new ArrayList<>(map.values());
    }

    private static final class ByIndex<T> implements Iterator<T>, Serializable {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial")
        private final List<T> list;

        private int next;

        ByIndex(List<T> list) {
            this.list = list;
        }

        @Override
        public boolean hasNext() {
            return next < list.size();
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return list.get(next++);
        }
    }
}
